import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { adjointPair } from '../internal/adjoint-pair';
import { centredDftMatrix } from '../internal/centred-dft';
import { checkRange } from '../internal/check';
import { applySeparable, applySeparableTransposed, matrixBySize } from '../internal/separable';
import { checkImage } from './check-image';
import type { ForwardOperator } from './operator';

/** Options of `phaseRetrieval`. */
export interface PhaseRetrievalOptions {
  /**
   * Zeros on each side of each axis, in eighths of its size: a number >= 0.
   * @default 2
   */
  oversample?: number;
}

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

/** Magnitude of a complex spectrum from its four blocks `[[CxC', CxS'], [SxC', SxS']]`. */
function spectrumMagnitude(blocks: Tensor4D): Tensor4D {
  const [[cc, cs], [sc, ss]] = tf.split(blocks, 2, 1).map((half) => tf.split(half, 2, 2)) as [
    [Tensor4D, Tensor4D],
    [Tensor4D, Tensor4D],
  ];
  return magnitude(tf.sub(cc, ss), tf.add(cs, sc)) as Tensor4D;
}

/**
 * Fourier magnitudes without phases, of the image on a border of zeros.
 *
 * `y = |F pad((x + 1) / 2)|`, F the centred orthonormal 2-D DFT, `floor(oversample / 8 * size)` zeros
 * on each side of each axis, gradient 0 where y is 0. Takes `[batch, height, width, channels]`,
 * values in [-1, 1]; gives the same with the padded height and width, values at least 0. Not linear.
 * An image whose channels are turned by 180 degrees, all or some, has the same magnitudes.
 *
 * Throws `RangeError` for a negative oversample, and from `imageShape` for a size that no image has.
 *
 * Reference: Chung et al., Diffusion posterior sampling, 2023.
 */
export function phaseRetrieval({ oversample = 2 }: PhaseRetrievalOptions = {}): ForwardOperator {
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
  return {
    name: 'phaseRetrieval',
    forward(x) {
      checkImage('phaseRetrieval', 'x', x);
      const map = { rows: matrix(x.shape[1]), columns: matrix(x.shape[2]) };
      const dft = adjointPair(
        (image) => applySeparable(image, map),
        (blocks) => applySeparableTransposed(blocks, map),
      );
      return tf.tidy(() => spectrumMagnitude(dft.forward(tf.add(tf.mul(x, 0.5), 0.5))));
    },
    imageShape: ([batch, height, width, channels]) => [
      batch,
      imageSize(height, 'height'),
      imageSize(width, 'width'),
      channels,
    ],
  };
}
