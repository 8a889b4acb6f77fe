import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../../internal/check';
import { checkSameShape } from '../check-image';
import type { Noise } from './noise';
import { squaredDistance } from './squared-distance';

/** Options of `poissonNoise`. */
export interface PoissonNoiseOptions {
  /**
   * Standard deviation of Gaussian noise on top, such as that of reading a sensor out, on the
   * [-1, 1] scale, at least 0.
   * @default 0
   */
  std?: number;
}

/**
 * Shot noise, and Poisson-Gaussian noise: `y = 2 P / peak - 1 + std n`, P a Poisson number of rate
 * `peak (A(x) + 1) / 2`.
 *
 * Its distance is the negative log-likelihood with the normal approximation of DPS, the variance
 * that of the measured count: `sum (predicted - y)² / (2 v)` of each item, where
 * `v = 4 max(count, 1) / peak² + std²` and `count = peak (y + 1) / 2`. Learning rates that were found
 * for `gaussianNoise`, whose distance has no variance in it, are too large here by about `1 / (2 v)`.
 *
 * @param peak Expected count of the value 1, > 0: the smaller, the noisier. The value -1 counts 0.
 *
 * Throws `RangeError` for options out of range, and from `distance` for two shapes that differ.
 *
 * Reference: Chung et al., "Diffusion Posterior Sampling for General Noisy Inverse Problems", ICLR
 * 2023, the Poisson likelihood.
 */
export function poissonNoise(peak: number, { std = 0 }: PoissonNoiseOptions = {}): Noise {
  checkPositive('poissonNoise', 'peak', peak);
  const valid = Number.isFinite(std) && std >= 0;
  checkRange(valid, 'poissonNoise', 'std', 'a number >= 0', std);
  const counts = (image: Tensor4D) => tf.mul<Tensor4D>(tf.add(image, 1), peak / 2);
  return {
    add: (clean, random) =>
      tf.tidy(() => {
        const drawn = random.poisson(tf.maximum(counts(clean), 0));
        const image = tf.sub<Tensor4D>(tf.mul(drawn, 2 / peak), 1);
        return std === 0 ? image : tf.add(image, tf.mul(random.normal(image.shape), std));
      }),
    distance(predicted, y) {
      checkSameShape('poissonNoise', 'predicted', predicted, y);
      return tf.tidy(() => {
        const variance = tf.add(tf.mul(tf.maximum(counts(y), 1), 4 / peak ** 2), std ** 2);
        const weight = tf.rsqrt(tf.mul(variance, 2));
        return squaredDistance(tf.mul(predicted, weight), tf.mul(y, weight));
      });
    },
  };
}
