import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/**
 * The gradient of the root of a distance from the gradient of the distance, item by item:
 * `g / (2 sqrt(d))`, 0 where the distance is 0. For Gaussian noise the root is the norm of the residual.
 */
export function unsquared(gradient: Tensor4D, distance: Tensor1D): Tensor4D {
  return tf.tidy(() => {
    const norms = tf.reshape(tf.sqrt(distance), [-1, 1, 1, 1]);
    return tf.divNoNan(gradient, tf.mul(norms, 2)) as Tensor4D;
  });
}
