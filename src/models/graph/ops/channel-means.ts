import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/**
 * Means over the pixels of `[batch, height, width, channels]`: `[batch, 1, 1, channels]`. Average
 * pooling is the fast way on wasm, a product with ones elsewhere; `tf.mean` is slow on both.
 */
export function channelMeans(x: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  if (tf.getBackend() === 'wasm') return tf.avgPool(x, [height, width], 1, 'valid');
  const pixels = height * width;
  const weights = tf.fill([batch, 1, pixels], 1 / pixels);
  const flat = tf.reshape(x, [batch, pixels, channels]);
  return tf.reshape(tf.matMul(weights, flat), [batch, 1, 1, channels]);
}
