import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/**
 * Noise whose mean over the channels is 0: what `std n`, independent in each channel, has besides
 * that mean.
 */
export const noiseBetween = (
  shape: readonly [number, number, number, number],
  std: number,
  seed: number,
): Tensor4D =>
  tf.tidy(() => {
    const noise = tf.randomNormal<tf.Rank.R4>([...shape], 0, std, 'float32', seed);
    return tf.sub<Tensor4D>(noise, tf.mean(noise, 3, true));
  });
