import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import { ddimStep, noiseOn } from './ddim-step';
import { ofRoot, residualGradient } from './likelihood-gradient';
import type { NoiseLevelSampler } from './sampler';

/** Options of `mpgd`; the defaults are those of the released code for linear problems. */
export interface MpgdOptions {
  /**
   * c: the step in the denoised image, > 0. Released for super-resolution: 4 for 100 steps, 7.5 for
   * 50, 17.5 for 20.
   * @default 4
   */
  scale?: number;
  /**
   * The share of DDPM's noise that each step draws afresh, in [0, 1].
   * @default 0.5
   */
  eta?: number;
}

/**
 * Manifold preserving guided diffusion: a step in the denoised image along the gradient of the norm
 * of its residual, then noise is added again. No gradient goes through the network.
 *
 * ```
 * x0 = D(x; sigma),   e = (x - x0) / sigma
 * z  = x0 - c sqrt(1 + sigma'²) grad_x0 |y - A(x0)|
 * x' = z + c1 n + c2 e
 * ```
 *
 * c1 and c2 are those of `dps`. This is the method without projection (MPGD w/o Proj).
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: He et al., "Manifold Preserving Guided Diffusion", ICLR 2024, algorithm 1; the factor
 * of c is that of its released code.
 */
export function mpgd({ scale = 4, eta = 0.5 }: MpgdOptions = {}): NoiseLevelSampler {
  checkPositive('mpgd', 'scale', scale);
  checkRange(eta >= 0 && eta <= 1, 'mpgd', 'eta', 'in [0, 1]', eta);
  return {
    name: 'mpgd',
    atNoiseLevel: true,
    remedy: 'lower scale',
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, problem, level, run) =>
      tf.tidy(() => {
        const x0 = problem.denoiser.denoise(x, level.sigma);
        const found = residualGradient(problem, x0);
        const length = scale * Math.sqrt(1 + level.sigmaNext ** 2);
        const z = tf.sub<Tensor4D>(x0, tf.mul(ofRoot(found), length));
        const next = ddimStep(z, noiseOn(x, x0, level.sigma), level, eta, run);
        return { state: { x: next }, denoised: x0, error: found.error };
      }),
  };
}
