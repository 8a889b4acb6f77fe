import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { centredDftMatrix, dftMatrix } from '../internal/centred-dft';
import {
  applySeparable,
  applySeparableTransposed,
  matrixBySize,
  type SeparableMap,
} from '../internal/separable';
import { checkBlurKernel, type GivenKernel } from './blur-kernel';
import { linearOperator } from './linear-operator';
import type { Shape4D, SpectralOperator } from './operator';

/** Options of `circularBlur`. */
export type CircularBlurOptions = GivenKernel;

/** A complex tensor: its real and its imaginary part. */
type Complex = readonly [real: Tensor4D, imaginary: Tensor4D];

/** `F x F'` by real matrices, which give the blocks `[[CxC', CxS'], [SxC', SxS']]`. */
function transform(x: Tensor4D, map: SeparableMap): Complex {
  const [[cc, cs], [sc, ss]] = tf
    .split(applySeparable(x, map), 2, 1)
    .map((half) => tf.split(half, 2, 2)) as [[Tensor4D, Tensor4D], [Tensor4D, Tensor4D]];
  return [tf.sub(cc, ss), tf.add(cs, sc)];
}

/** The real part of the inverse transform. */
function inverseTransform([real, imaginary]: Complex, map: SeparableMap): Tensor4D {
  const upper = tf.concat([real, imaginary], 2);
  const lower = tf.concat([imaginary, tf.neg(real)], 2);
  return applySeparableTransposed(tf.concat([upper, lower], 1), map);
}

const multiply = ([a, b]: Complex, [c, d]: Complex): Complex => [
  tf.sub(tf.mul(a, c), tf.mul(b, d)),
  tf.add(tf.mul(a, d), tf.mul(b, c)),
];

const conjugate = ([real, imaginary]: Complex): Complex => [real, tf.neg(imaginary)];

const magnitude = ([real, imaginary]: Complex): Tensor4D =>
  tf.sqrt(tf.add<Tensor4D>(tf.square(real), tf.square(imaginary)));

/** Real and imaginary parts as channels. */
const asChannels = (parts: Complex): Tensor4D => tf.concat([...parts], 3);

/**
 * Blur of an image that continues periodically: correlation of every channel with one kernel.
 *
 * `y[i, j] = sum_uv kernel[u, v] x[(i + u - k/2) mod H, (j + v - k/2) mod W]`. Orientation: a
 * correlation blurs a point of light to the kernel rotated by 180°. Takes and gives `[batch, height,
 * width, channels]`, values in [-1, 1], of any size. The DFT makes it a product with the transform λ
 * of the kernel: the singular values are |λ|, `solve` is the Wiener filter, and the pseudo-inverse
 * divides by λ where |λ| is more than 1e-4 of its largest.
 *
 * @throws RangeError for a kernel that is not odd and square, not finite or not of sum 1; TypeError for
 * a disposed kernel.
 *
 * Reference: Kawar et al., "Denoising Diffusion Restoration Models", NeurIPS 2022.
 */
export function circularBlur(options: CircularBlurOptions): SpectralOperator {
  const { reach, tensor, check } = checkBlurKernel('circularBlur', options);
  const size = 2 * reach + 1;
  const image = matrixBySize((side) => centredDftMatrix(side, 0));
  const ofKernel = matrixBySize((side) => dftMatrix(side, size, -reach, 1));
  const map = ([, height, width]: Shape4D, matrix = image): SeparableMap => ({
    rows: matrix(height),
    columns: matrix(width),
  });
  // The kernel is correlated, not convolved: hence the conjugate.
  const transfer = (shape: Shape4D): Complex =>
    conjugate(transform(tf.reshape(tensor(), [1, size, size, 1]), map(shape, ofKernel)));
  const filter = (x: Tensor4D, response: (transfer: Complex) => Complex): Tensor4D =>
    tf.tidy(() => {
      const product = multiply(response(transfer(x.shape)), transform(x, map(x.shape)));
      return inverseTransform(product, map(x.shape));
    });
  return linearOperator({
    name: 'circularBlur',
    check,
    forward: (x) => filter(x, (lambda) => lambda),
    adjoint: (y) => filter(y, conjugate),
    spectrum: {
      values: (shape) => tf.tidy(() => magnitude(transfer(shape))),
      analyze: (x) => tf.tidy(() => asChannels(transform(x, map(x.shape)))),
      synthesize: (coefficients) =>
        tf.tidy(() => {
          const parts = tf.split(coefficients, 2, 3) as [Tensor4D, Tensor4D];
          return inverseTransform(parts, map(coefficients.shape));
        }),
      analyzeMeasurement: (y) =>
        tf.tidy(() => {
          const lambda = transfer(y.shape);
          const length = magnitude(lambda);
          const phase = lambda.map((part) => tf.divNoNan(part, length)) as unknown as Complex;
          return asChannels(multiply(conjugate(phase), transform(y, map(y.shape))));
        }),
    },
  });
}
