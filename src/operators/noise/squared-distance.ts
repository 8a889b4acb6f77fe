import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

const differentiable = tf.customGrad((...inputs: (Tensor | tf.GradSaveFunc)[]) => {
  const [a, b, save] = inputs as [Tensor, Tensor, tf.GradSaveFunc];
  const difference = tf.sub(a, b);
  save([difference]);
  const gradFunc = (dy: Tensor, saved: Tensor[]) => {
    const slope = tf.mul(tf.reshape(tf.mul(dy, 2), [-1, 1, 1, 1]), saved[0]!);
    return [slope, tf.neg(slope)];
  };
  // Row by row first: one long sum rounds at 1e-5 on wasm.
  const rows = tf.sum(tf.square(difference), [2, 3]);
  return { value: tf.sum(rows, 1), gradFunc };
});

/** Sum of `(a - b)²` of each item; the gradient of a plain `tf.sum` uploads a tensor of ones. */
export const squaredDistance = (a: Tensor4D, b: Tensor4D): Tensor1D =>
  differentiable(a, b) as Tensor1D;
