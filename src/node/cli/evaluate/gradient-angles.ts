import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** The angle between two gradients of each item, in degrees; NaN where one of them is 0. */
export async function gradientAngles(a: Tensor4D, b: Tensor4D): Promise<number[]> {
  const cosines = tf.tidy(() => {
    const inner = (x: Tensor4D, y: Tensor4D) => tf.sum(tf.sum(tf.mul(x, y), [2, 3]), 1);
    const lengths = tf.mul(tf.sqrt(inner(a, a)), tf.sqrt(inner(b, b)));
    return tf.div(inner(a, b), lengths);
  });
  const values = await cosines.data();
  cosines.dispose();
  return Array.from(values, (cosine) => {
    return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
  });
}
