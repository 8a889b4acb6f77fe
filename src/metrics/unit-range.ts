import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** Images from [-1, 1] to [0, 1], clipped. */
export const unitRange = (x: Tensor4D): Tensor4D =>
  tf.tidy(() => tf.clipByValue(tf.add(tf.mul(x, 0.5), 0.5) as Tensor4D, 0, 1));
