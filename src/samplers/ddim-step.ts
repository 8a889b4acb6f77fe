import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { RunContext, StepLevel } from './sampler';

/**
 * From a clean image and the noise on it to the next noise level:
 *
 * ```
 * x' = x0 + c1 n + c2 e,   c1 = eta sigma' sqrt(1 - sigma'² / sigma²),   c2 = sqrt(sigma'² - c1²)
 * ```
 *
 * With eta 1 it is the ancestral step of DDPM: `q(x' | x, x0)`, its variance the smaller of the two
 * usual ones. With eta 0 it is an Euler step of the probability-flow ODE, and draws nothing.
 *
 * Reference: Song et al., "Denoising Diffusion Implicit Models", ICLR 2021, equation 12, with
 * `x = x_t / sqrt(abar_t)`.
 */
export function ddimStep(
  x0: Tensor4D,
  e: Tensor4D,
  { sigma, sigmaNext }: Pick<StepLevel, 'sigma' | 'sigmaNext'>,
  eta: number,
  run: Pick<RunContext, 'normal'>,
): Tensor4D {
  const c1 = eta * sigmaNext * Math.sqrt(1 - (sigmaNext / sigma) ** 2);
  const c2 = Math.sqrt(sigmaNext ** 2 - c1 ** 2);
  return tf.tidy(() => {
    const mean = tf.add<Tensor4D>(x0, tf.mul(e, c2));
    return c1 > 0 ? tf.add(mean, tf.mul(run.normal(x0.shape), c1)) : mean;
  });
}

/** `(x - x0) / sigma`: the noise on x, of standard deviation 1. */
export const noiseOn = (x: Tensor4D, x0: Tensor4D, sigma: number): Tensor4D =>
  tf.tidy(() => tf.div(tf.sub(x, x0), sigma));
