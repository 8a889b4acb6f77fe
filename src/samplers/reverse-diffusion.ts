import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Sampler } from './sampler';

/**
 * Euler-Maruyama steps of the reverse-time SDE in the clock `tau = sigma^2`:
 * `x + dtau s(x; sigma) + sqrt(dtau) n` with `dtau = sigma^2 - sigmaNext^2`; no noise into sigma 0.
 * It draws from the prior; the measurement enters through `spgd`.
 *
 * Reference: Song et al., "Score-Based Generative Modeling through Stochastic Differential
 * Equations", ICLR 2021, reverse diffusion sampling of the VE SDE.
 */
export function reverseDiffusion(): Sampler & { readonly atNoiseLevel: true } {
  return {
    name: 'reverseDiffusion',
    atNoiseLevel: true,
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, { denoiser }, { sigma, sigmaNext }, run) =>
      tf.tidy(() => {
        const denoised = denoiser.denoise(x, sigma);
        const dtau = sigma ** 2 - sigmaNext ** 2;
        const drift = tf.mul(tf.sub(denoised, x), dtau / sigma ** 2);
        const noise = sigmaNext > 0 ? tf.mul(run.normal(run.shape), Math.sqrt(dtau)) : 0;
        return { state: { x: tf.add<Tensor4D>(tf.add(x, drift), noise) }, denoised };
      }),
  };
}
