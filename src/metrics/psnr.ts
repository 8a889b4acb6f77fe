import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkImage, checkSameShape } from '../operators/check-image';
import { unitRange } from './unit-range';

/**
 * Peak signal-to-noise ratio in decibels, one number an item: `-10 log10(mean (a - b)²)`.
 *
 * Takes two batches `[batch, height, width, channels]`, values in [-1, 1], compared on [0, 1] after
 * clipping (peak 1); equal images give Infinity. Throws `RangeError` for two shapes that differ.
 *
 * Reference: as scikit-image's `peak_signal_noise_ratio(a, b, data_range=1)`.
 */
export function psnr(a: Tensor4D, b: Tensor4D): Tensor1D {
  checkImage('psnr', 'a', a);
  checkSameShape('psnr', 'b', b, a);
  return tf.tidy(() => {
    const squares = tf.square(tf.sub(unitRange(a), unitRange(b)));
    // Row by row first: one sum over a whole image rounds at 1e-5 on wasm.
    const error = tf.mean(tf.mean(squares, [2, 3]), 1);
    return tf.mul(tf.log(error), -10 / Math.LN10) as Tensor1D;
  });
}
