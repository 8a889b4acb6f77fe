import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import { ddimStep, noiseOn } from './ddim-step';
import { likelihoodGradient, ofRoot } from './likelihood-gradient';
import type { NoiseLevelSampler } from './sampler';

/** Options of `dps`. */
export interface DpsOptions {
  /**
   * zeta: the step along the gradient of the norm, on the variance-preserving state, > 0. The
   * released settings for 1000 steps are 0.3 for super-resolution and the blurs, 0.5 for inpainting,
   * 1 for phase retrieval.
   * @default 0.3
   */
  zeta?: number;
  /**
   * The unguided step, in [0, 1]: 1 is ancestral sampling, as in the paper; 0 is the probability-flow
   * ODE, without noise after `x_T`; in between, DDIM.
   * @default 1
   */
  eta?: number;
}

/**
 * Diffusion posterior sampling: a step of the prior, then a step along the gradient of the norm of the
 * residual, through the network. The norm is not squared, and each item has its own.
 *
 * ```
 * x0 = D(x; sigma),   e = (x - x0) / sigma
 * x' = x0 + c1 n + c2 e - zeta sqrt((1 + sigma²) (1 + sigma'²)) grad_x |y - A(x0)|
 * c1 = eta sigma' sqrt(1 - sigma'² / sigma²),   c2 = sqrt(sigma'² - c1²)
 * ```
 *
 * The factor after zeta converts a step on `x / sqrt(1 + sigma²)`, the state of the paper, to x.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Chung et al., "Diffusion Posterior Sampling for General Noisy Inverse Problems", ICLR
 * 2023, algorithm 1.
 */
export function dps({ zeta = 0.3, eta = 1 }: DpsOptions = {}): NoiseLevelSampler {
  checkPositive('dps', 'zeta', zeta);
  checkRange(eta >= 0 && eta <= 1, 'dps', 'eta', 'in [0, 1]', eta);
  return {
    name: 'dps',
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'lower zeta',
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, problem, level, run) =>
      tf.tidy(() => {
        const { sigma, sigmaNext } = level;
        const { denoised: x0, error, gradient } = likelihoodGradient(problem, x, sigma);
        const prior = ddimStep(x0, noiseOn(x, x0, sigma), level, eta, run);
        const length = zeta * Math.sqrt((1 + sigma ** 2) * (1 + sigmaNext ** 2));
        const step = tf.mul(ofRoot({ error, gradient }), length);
        return { state: { x: tf.sub<Tensor4D>(prior, step) }, denoised: x0, error };
      }),
  };
}
