import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import { ddimStep } from './ddim-step';
import { distanceGradient } from './likelihood-gradient';
import type { SamplerState } from './sampler';
import type { NoiseLevelSampler } from './spgd';
import { unsquared } from './unsquared';

/** Options of `mpgd`. */
export interface MpgdOptions {
  /**
   * The step of the denoised image along the gradient of the norm of the residual, > 0. The paper
   * tunes it for each task; its released code has 10 for deblurring and 0.3 for super-resolution at
   * 256 x 256. This default is ours, for small images.
   * @default 1
   */
  scale?: number;
  /**
   * Share of fresh noise in each step, in [0, 1].
   * @default 0.5
   */
  eta?: number;
}

/**
 * Manifold preserving guided diffusion: the denoised image itself moves along the likelihood, so that no
 * gradient goes through the network.
 *
 * ```
 * x0 = D(x; sigma)
 * z  = x0 - scale sqrt(1 + sigma²) grad_x0 |y - A(x0)|
 * x' = ddim(x, z)
 * ```
 *
 * This is the variant without the projection by an autoencoder.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: He et al., "Manifold Preserving Guided Diffusion", ICLR 2024, algorithm 1.
 */
export function mpgd({ scale = 1, eta = 0.5 }: MpgdOptions = {}): NoiseLevelSampler<SamplerState> {
  checkPositive('mpgd', 'scale', scale);
  checkRange(eta >= 0 && eta <= 1, 'mpgd', 'eta', 'in [0, 1]', eta);
  return {
    name: 'mpgd',
    atNoiseLevel: true,
    remedy: 'lower scale',
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, problem, level, run) =>
      tf.tidy(() => {
        const denoised = problem.denoiser.denoise(x, level.sigma);
        const { gradient, error } = distanceGradient(problem, denoised);
        const weight = scale * Math.sqrt(1 + level.sigma ** 2);
        const z = tf.sub<Tensor4D>(denoised, tf.mul(unsquared(gradient, error), weight));
        return { state: { x: ddimStep(x, z, level, eta, run) }, denoised, error };
      }),
  };
}
