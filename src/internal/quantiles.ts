import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/**
 * Quantiles of each pixel over samples `[n, height, width, channels]`, one image for each probability.
 * Between two samples they are interpolated linearly: 0 is the smallest, 1 the largest.
 */
export function pixelQuantiles(samples: Tensor4D, probabilities: readonly number[]): Tensor4D[] {
  return tf.tidy(() => {
    const [n, ...rest] = samples.shape;
    const rows = tf.transpose(tf.reshape(samples, [n, -1])) as Tensor2D;
    const { values: falling } = tf.topk(rows, n, true);
    const at = (place: number) => tf.slice(falling as Tensor2D, [0, n - 1 - place], [-1, 1]);
    return probabilities.map((probability) => {
      const place = probability * (n - 1);
      const below = Math.floor(place);
      const low = at(below);
      const high = at(Math.min(n - 1, below + 1));
      const mixed = tf.add(low, tf.mul(tf.sub(high, low), place - below));
      return tf.reshape(mixed, [1, ...rest]) as Tensor4D;
    });
  });
}
