import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Sampler } from './sampler';

/**
 * Euler steps of the probability-flow ODE, `dx = (x - D(x; sigma)) / sigma dsigma`: no noise after
 * `x_T`. It draws from the prior; the measurement enters through `spgd`.
 *
 * Reference: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models",
 * NeurIPS 2022, algorithm 1 without the correction.
 */
export function probabilityFlow(): Sampler & { readonly atNoiseLevel: true } {
  return {
    name: 'probabilityFlow',
    atNoiseLevel: true,
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, { denoiser }, { sigma, sigmaNext }) =>
      tf.tidy(() => {
        const denoised = denoiser.denoise(x, sigma);
        const slope = tf.div(tf.sub(x, denoised), sigma);
        return { state: { x: tf.add<Tensor4D>(x, tf.mul(slope, sigmaNext - sigma)) }, denoised };
      }),
  };
}
