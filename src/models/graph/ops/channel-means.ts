import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { fused, fuses } from '../hooks';

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

/** A kernel writes the sum of so many parts of a map instead of the whole. */
const folds = 4;

/** Means over the pixels of what `run` makes of maps of one shape, element by element. */
export const meansOf = (
  maps: readonly Tensor4D[],
  run: (...parts: Tensor4D[]) => Tensor,
): Tensor4D =>
  tf.tidy(() => {
    const [first] = maps as [Tensor4D];
    if (!fuses(first) || first.shape[1] % folds > 0) return channelMeans(run(...maps) as Tensor4D);
    const folded = fused(first, () => {
      const parts = maps.map((map) => tf.split<Tensor4D>(map, folds, 1));
      const values = parts[0]!.map((_, i) => run(...parts.map((part) => part[i]!)));
      return values.reduce((sum, value) => tf.add(sum, value)) as Tensor4D;
    });
    return tf.div<Tensor4D>(channelMeans(folded), folds);
  });
