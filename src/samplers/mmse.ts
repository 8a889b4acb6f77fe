import * as tf from '@tensorflow/tfjs';
import type { IdentityOperator } from '../operators/identity';
import type { GaussianNoise } from '../operators/noise/noise';
import type { InverseProblem, Sampler, SamplerState } from './sampler';

/**
 * The posterior mean of denoising, by one network pass: for `y = x + std n` it is the denoiser itself.
 *
 * ```
 * E[x | y] = D(y; std)
 * ```
 *
 * It is the image of least mean squared error, smoother than a draw from the posterior. It needs the
 * operator `identity()` and Gaussian noise with std > 0. The noise levels of the schedule have no
 * influence, and steps after the first cost nothing: `schedule: [1, 0]` is enough. A `start` is
 * ignored, and `spgd` cannot wrap it.
 *
 * Reference: Robbins, "An Empirical Bayes Approach to Statistics", 1956; Miyasawa, "An Empirical Bayes
 * Estimator of the Mean of a Normal Population", 1961.
 */
export function mmse(): Sampler<SamplerState, InverseProblem<IdentityOperator, GaussianNoise>> {
  return {
    name: 'mmse',
    isEstimate: true,
    needs: ['isIdentity', 'noiseStd'],
    init: (problem) => ({ x: tf.clone(problem.measurement) }),
    step: ({ x }, { denoiser, noise }, { index }) => {
      const mean = index === 0 ? denoiser.denoise(x, noise.std) : tf.clone(x);
      return { state: { x: mean }, denoised: mean };
    },
  };
}
