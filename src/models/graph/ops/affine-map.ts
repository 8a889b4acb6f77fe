import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** Numbers from which one pass of TensorFlow's normalisation is faster than two simple ones. */
const large = 2 ** 19;

/**
 * `x gain + offset` with one gain and offset for each item and channel, `[batch, 1, 1, channels]`.
 * For one item it is a single pass over memory, with the kernel that each backend has for it.
 */
export function affineMap(x: Tensor4D, gain: Tensor, offset: Tensor): Tensor4D {
  return tf.tidy(() => {
    const [batch, , , channels] = x.shape;
    const backend = tf.getBackend();
    const vector = (of: Tensor) => tf.reshape(of, [channels]) as Tensor1D;
    if (batch === 1 && backend === 'wasm') {
      const filter = tf.reshape(gain, [1, 1, channels, 1]) as Tensor4D;
      // The kernel looks at the shape that the data was made with, not at that of a reshape.
      const bias = tf.add(vector(offset), 0) as Tensor1D;
      return tf.fused.depthwiseConv2d({ x, filter, bias, strides: 1, pad: 'same' });
    }
    if (batch === 1 && backend === 'tensorflow' && x.size >= large) {
      const [mean, variance] = [tf.zeros([channels]), tf.ones([channels])] as [Tensor1D, Tensor1D];
      return tf.batchNorm(x, mean, variance, vector(offset), vector(gain), 0);
    }
    return tf.add(tf.mul(x, gain), offset) as Tensor4D;
  });
}
