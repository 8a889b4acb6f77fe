import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { linearOperator } from './linear-operator';
import type { SpectralOperator } from './operator';

/** Options of `colorization`. */
export interface ColorizationOptions {
  /**
   * The weights of red, green and blue: numbers >= 0 of sum 1.
   * @default [0.299, 0.587, 0.114], the luma of ITU-R BT.601
   */
  weights?: readonly [red: number, green: number, blue: number];
}

/** The operator of colorization. */
export interface ColorizationOperator extends SpectralOperator {
  /** The grey image with three equal channels, which measures y. */
  decode(y: Tensor4D): Tensor4D;
}

/** An orthogonal matrix `[3, 3]` whose first row is along w: the reflection that maps an axis to it. */
function basisAlong(w: readonly number[], length: number): number[][] {
  const mirror = w.map((value, i) => value / length - (i === 0 ? 1 : 0));
  const square = mirror.reduce((sum, value) => sum + value ** 2, 0);
  return mirror.map((a, i) =>
    mirror.map((b, j) => (i === j ? 1 : 0) - (square > 0 ? (2 * a * b) / square : 0)),
  );
}

/**
 * The grey image of a photo in colour: `y = w_r R + w_g G + w_b B`, of the stored values.
 *
 * Takes `[batch, height, width, 3]`, values in [-1, 1], and gives `[batch, height, width, 1]`. The only
 * singular value is |w|, once a pixel, so pseudo-inverse and solver are exact: `A⁺y = w y / |w|²`.
 *
 * @throws RangeError for weights that are negative or not of sum 1, and for an x without 3 channels.
 *
 * Reference: Kawar et al., "Denoising Diffusion Restoration Models", NeurIPS 2022 (equal weights).
 */
export function colorization({
  weights = [0.299, 0.587, 0.114],
}: ColorizationOptions = {}): ColorizationOperator {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const valid = weights.length === 3 && weights.every((weight) => weight >= 0);
  const fits = valid && Math.abs(sum - 1) < 1e-6;
  checkRange(fits, 'colorization', 'weights', '3 numbers >= 0 of sum 1', weights);
  const length = Math.hypot(...weights);
  const basis = basisAlong(weights, length);
  const along = () => tf.tensor4d([...weights], [1, 1, 1, 3]);
  // The basis is a reflection: symmetric, and its own inverse.
  const rotate = (x: Tensor4D) =>
    tf.tidy(() => {
      const product = tf.matMul(tf.reshape(x, [-1, 3]), tf.tensor2d(basis, [3, 3]));
      return tf.reshape<tf.Rank.R4>(product, x.shape);
    });
  const operator = linearOperator({
    name: 'colorization',
    reach: 0,
    checkShape: ({ shape }) =>
      checkRange(shape[3] === 3, 'colorization', 'x.shape', '[batch, height, width, 3]', shape),
    imageShape: ([batch, height, width]) => [batch, height, width, 3],
    forward: (x) => tf.tidy(() => tf.sum(tf.mul(x, along()), 3, true) as Tensor4D),
    adjoint: (y) => tf.tidy(() => tf.mul<Tensor4D>(y, along())),
    spectrum: {
      values: () => tf.tensor4d([length, 0, 0], [1, 1, 1, 3]),
      analyze: rotate,
      synthesize: rotate,
      analyzeMeasurement: (y) =>
        tf.pad(y, [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, 2],
        ]),
    },
  });
  return { ...operator, decode: (y) => tf.tile(y, [1, 1, 1, 3]) };
}
