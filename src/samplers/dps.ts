import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import { ddimStep } from './ddim-step';
import { likelihoodGradient } from './likelihood-gradient';
import type { SamplerState } from './sampler';
import type { NoiseLevelSampler } from './spgd';
import { unsquared } from './unsquared';

/** Options of `dps`. */
export interface DpsOptions {
  /**
   * zeta: the step along the gradient of the norm of the residual, > 0. The paper takes 1 for most
   * tasks at 256 x 256, 0.3 for random inpainting and 0.4 for phase retrieval.
   * @default 1
   */
  zeta?: number;
  /**
   * Share of fresh noise in each step of the prior, in [0, 1]: 1 is the ancestral step of DDPM, as
   * in the paper; 0 the probability-flow ODE.
   * @default 1
   */
  eta?: number;
}

/**
 * Diffusion posterior sampling: a step of the prior, then one along the gradient of the residual's norm
 * through the network. The norm is not squared, and each item has its own.
 *
 * ```
 * x' = ddim(x, D(x; sigma)) - zeta sqrt((1 + sigma²) (1 + sigma'²)) grad_x |y - A(D(x; sigma))|
 * ```
 *
 * The root is there since the paper's step is on the variance-preserving state. For other than
 * Gaussian noise the norm is the root of its distance.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Chung et al., "Diffusion Posterior Sampling for General Noisy Inverse Problems", ICLR
 * 2023, algorithm 1.
 */
export function dps({ zeta = 1, eta = 1 }: DpsOptions = {}): NoiseLevelSampler<SamplerState> {
  checkPositive('dps', 'zeta', zeta);
  checkRange(eta >= 0 && eta <= 1, 'dps', 'eta', 'in [0, 1]', eta);
  return {
    name: 'dps',
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'lower zeta',
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, problem, level, run) => {
      const { denoised, gradient, error } = likelihoodGradient(problem, x, level.sigma);
      const next = tf.tidy(() => {
        const scale = zeta * Math.sqrt((1 + level.sigma ** 2) * (1 + level.sigmaNext ** 2));
        const prior = ddimStep(x, denoised, level, eta, run);
        return tf.sub<Tensor4D>(prior, tf.mul(unsquared(gradient, error), scale));
      });
      return { state: { x: next }, denoised, error, gradient };
    },
  };
}
