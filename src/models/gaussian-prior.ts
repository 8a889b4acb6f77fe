import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive } from '../internal/check';
import type { Denoiser } from './denoiser';
import { linearized } from './linearized';

/** Options of `gaussianPrior`. */
export interface GaussianPriorOptions {
  /**
   * Mean image: a number, or a tensor that broadcasts against x. The caller keeps the tensor.
   * @default 0
   */
  mean?: number | Tensor4D;
  /**
   * Standard deviation of each pixel: a number > 0, or a tensor of them that broadcasts against x.
   * @default 1
   */
  std?: number | Tensor4D;
}

/**
 * The denoiser of independent Gaussian pixels, in closed form:
 * `D(x; sigma) = (std^2 x + sigma^2 mean) / (std^2 + sigma^2)`. Under it, the posterior of a
 * linear measurement is known exactly, so it is the reference for testing samplers.
 *
 * @throws RangeError for a std that is not > 0.
 */
export function gaussianPrior({ mean = 0, std = 1 }: GaussianPriorOptions = {}): Denoiser {
  if (typeof std === 'number') checkPositive('gaussianPrior', 'std', std);
  const gain = (sigma: number) => {
    const variance = tf.square(std);
    return tf.div(variance, tf.add(variance, sigma ** 2));
  };
  const denoise = (x: Tensor4D, sigma: number): Tensor4D =>
    tf.tidy(() => tf.add(tf.mul(tf.sub(x, mean), gain(sigma)), mean));
  return {
    denoise,
    linearize: (x, sigma) =>
      linearized(() => ({
        denoised: denoise(x, sigma),
        backward: (cotangent: Tensor4D): Tensor4D => tf.mul(cotangent, gain(sigma)),
      })),
  };
}
