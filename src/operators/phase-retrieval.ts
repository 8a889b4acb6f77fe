import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { adjointPair } from '../internal/adjoint-pair';
import { centredDftMatrix } from '../internal/centred-dft';
import { checkRange } from '../internal/check';
import { applySeparable, applySeparableTransposed, matrixBySize } from '../internal/separable';
import { checkImage } from './check-image';
import { type Complex, magnitudeMean } from './magnitude-mean';
import type { ConditionalOperator, Shape4D } from './operator';

/** Options of `phaseRetrieval`. */
export interface PhaseRetrievalOptions {
  /**
   * Zeros on each side of each axis, in eighths of its size: a number >= 0.
   * @default 2
   */
  oversample?: number;
}

/** A more uncertain image is taken for one of this: both tell nothing of phases. */
const greatestSigma = 100;

/** Smallest magnitude that divides: below it the gradient fades to 0 instead of to NaN. */
const tiny = 1e-20;

/** `sqrt(a² + b²)`, with gradient 0 at 0. */
const magnitude = tf.customGrad((...inputs: (Tensor | tf.GradSaveFunc)[]) => {
  const [a, b, save] = inputs as [Tensor, Tensor, tf.GradSaveFunc];
  const value = tf.sqrt(tf.add(tf.square(a), tf.square(b)));
  save([a, b, value]);
  const gradFunc = (dy: Tensor, saved: Tensor[]) => {
    const [real, imaginary, length] = saved as [Tensor, Tensor, Tensor];
    const unit = tf.div(dy, tf.maximum(length, tiny));
    return [tf.mul(unit, real), tf.mul(unit, imaginary)];
  };
  return { value, gradFunc };
});

/** A complex spectrum from its four blocks `[[CxC', CxS'], [SxC', SxS']]`. */
function spectrumOf(blocks: Tensor4D): Complex {
  const [[cc, cs], [sc, ss]] = tf.split(blocks, 2, 1).map((half) => tf.split(half, 2, 2)) as [
    [Tensor4D, Tensor4D],
    [Tensor4D, Tensor4D],
  ];
  return { real: tf.sub(cc, ss), imaginary: tf.add(cs, sc) };
}

/** The adjoint of `spectrumOf`. */
const blocksOf = ({ real, imaginary }: Complex): Tensor4D =>
  tf.concat(
    [tf.concat([real, imaginary], 2), tf.concat([imaginary, tf.neg(real)], 2)],
    1,
  ) as Tensor4D;

/**
 * Fourier magnitudes without phases, of the image on a border of zeros.
 *
 * `y = |F pad((x + 1) / 2)|`, F the centred orthonormal 2-D DFT, `floor(oversample / 8 * size)` zeros
 * on each side of each axis, gradient 0 where y is 0. Takes `[batch, height, width, channels]`,
 * values in [-1, 1]; gives the same with the padded height and width, values at least 0. Not linear.
 * An image whose channels are turned by 180 degrees, all or some, has the same magnitudes.
 *
 * `conditionalMean` takes the coefficients for independent, so on a border of zeros it is an approximation.
 *
 * Throws `RangeError` for a negative oversample, and from `imageShape` for a size that no image has.
 *
 * Reference: Chung et al., Diffusion posterior sampling, 2023.
 */
export function phaseRetrieval({
  oversample = 2,
}: PhaseRetrievalOptions = {}): ConditionalOperator {
  const valid = Number.isFinite(oversample) && oversample >= 0;
  checkRange(valid, 'phaseRetrieval', 'oversample', 'a number >= 0', oversample);
  const padding = (size: number) => Math.floor((oversample / 8) * size);
  const matrix = matrixBySize((size) => centredDftMatrix(size, padding(size)));
  const imageSize = (measured: number, axis: string): number => {
    let size = Math.floor(measured / (1 + oversample / 4));
    while (size + 2 * padding(size) < measured) size++;
    const exists = size >= 1 && size + 2 * padding(size) === measured;
    const rule = `size + 2 * floor(${oversample} / 8 * size) of an image`;
    checkRange(exists, 'phaseRetrieval', `measurement ${axis}`, rule, measured);
    return size;
  };
  const dftFor = ([, height, width]: Shape4D) => {
    const map = { rows: matrix(height), columns: matrix(width) };
    return adjointPair(
      (image) => applySeparable(image, map),
      (blocks) => applySeparableTransposed(blocks, map),
    );
  };
  return {
    name: 'phaseRetrieval',
    forward(x) {
      checkImage('phaseRetrieval', 'x', x);
      const dft = dftFor(x.shape);
      return tf.tidy(() => {
        const { real, imaginary } = spectrumOf(dft.forward(tf.add(tf.mul(x, 0.5), 0.5)));
        return magnitude(real, imaginary) as Tensor4D;
      });
    },
    conditionalMean(image, y, { std, sigma }) {
      const dft = dftFor(image.shape);
      // The noise of an image, halved as it is, spreads over all coefficients.
      const variance = ((Math.min(sigma, greatestSigma) / 2) ** 2 * image.size) / y.size;
      return tf.tidy(() => {
        const guess = spectrumOf(dft.forward(tf.add(tf.mul(image, 0.5), 0.5)));
        const mean = magnitudeMean(guess, y, { std, variance });
        return tf.sub<Tensor4D>(tf.mul(dft.adjoint(blocksOf(mean)), 2), 1);
      });
    },
    imageShape: ([batch, height, width, channels]) => [
      batch,
      imageSize(height, 'height'),
      imageSize(width, 'width'),
      channels,
    ],
  };
}
