import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../../internal/check';
import { checkSameShape } from '../check-image';
import type { Noise } from './noise';
import { squaredDistance } from './squared-distance';

/** Options of `poissonNoise`. */
export interface PoissonNoiseOptions {
  /**
   * Standard deviation of additional Gaussian noise, such as the read-out noise of a sensor, on the
   * [-1, 1] scale, at least 0.
   * @default 0
   */
  std?: number;
}

/**
 * Shot noise, and Poisson-Gaussian noise: `y = 2 P / peak - 1 + std n`, P a Poisson number of rate
 * `peak (A(x) + 1) / 2`.
 *
 * ```
 * residual         = sum (predicted - y)²
 * negLogLikelihood = sum (predicted - y)² / (2 v)
 * v                = 4 max(count, 1) / peak² + std²,   count = peak (y + 1) / 2
 * ```
 *
 * v is the variance of a pixel, estimated from its measured count: the normal approximation of DPS.
 * Its released code, too, guides along the norm without weights, so the residual has none, and step
 * sizes found for `gaussianNoise` suit this noise.
 *
 * @param peak Expected count of the value 1, > 0: the smaller, the noisier. The value -1 counts 0.
 *
 * @throws RangeError for options out of range, and for two shapes that differ.
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
    residual(predicted, y) {
      checkSameShape('poissonNoise', 'predicted', predicted, y);
      return squaredDistance(predicted, y);
    },
    negLogLikelihood(predicted, y) {
      checkSameShape('poissonNoise', 'predicted', predicted, y);
      return tf.tidy(() => {
        const variance = tf.add(tf.mul(tf.maximum(counts(y), 1), 4 / peak ** 2), std ** 2);
        const weight = tf.rsqrt(tf.mul(variance, 2));
        return squaredDistance(tf.mul(predicted, weight), tf.mul(y, weight));
      });
    },
  };
}
