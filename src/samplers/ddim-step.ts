import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { RunContext, StepLevel } from './sampler';

/**
 * From a denoised image to the next noise level, with a share eta of fresh noise:
 * `x' = x0 + c2 (x - x0) / sigma + c1 n`, `c1 = eta sigma' sqrt(1 - sigma'² / sigma²)`,
 * `c2 = sqrt(sigma'² - c1²)`. With eta 1 it is the ancestral step of DDPM, with eta 0 an Euler step of
 * the probability-flow ODE.
 *
 * Reference: Song et al., "Denoising Diffusion Implicit Models", ICLR 2021, equation 12.
 */
export function ddimStep(
  x: Tensor4D,
  x0: Tensor4D,
  { sigma, sigmaNext }: Pick<StepLevel, 'sigma' | 'sigmaNext'>,
  eta: number,
  run: Pick<RunContext, 'normal'>,
): Tensor4D {
  return tf.tidy(() => {
    const c1 = eta * sigmaNext * Math.sqrt(1 - (sigmaNext / sigma) ** 2);
    const c2 = Math.sqrt(sigmaNext ** 2 - c1 ** 2);
    const kept = tf.add<Tensor4D>(x0, tf.mul(tf.sub(x, x0), c2 / sigma));
    return c1 === 0 ? kept : tf.add(kept, tf.mul(run.normal(x.shape), c1));
  });
}
