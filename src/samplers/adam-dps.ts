import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import { adam, type Moments, noMoments } from './adam';
import { ddimStep } from './ddim-step';
import { likelihoodGradient } from './likelihood-gradient';
import type { NoiseLevelSampler } from './spgd';
import { unsquared } from './unsquared';

/** Options of `adamDps`. */
export interface AdamDpsOptions {
  /**
   * How far a step may go along the likelihood, on the variance-preserving state, > 0. The paper
   * searches it for each task; this default is ours.
   * @default 0.05
   */
  strength?: number;
  /**
   * Decay of the mean of the gradients, in [0, 1).
   * @default 0.9
   */
  beta1?: number;
  /**
   * Decay of the mean of their squares, in [0, 1).
   * @default 0.995
   */
  beta2?: number;
  /**
   * Share of fresh noise in each step of the prior, in [0, 1].
   * @default 1
   */
  eta?: number;
}

/** State of `adamDps`: x and the moments of the likelihood gradient over the steps. */
export type AdamDpsState = { readonly x: Tensor4D; readonly moments: Moments };

/**
 * DPS with the moments of Adam: the likelihood gradient is averaged over the diffusion steps, and each
 * pixel is scaled by the root of its mean square.
 *
 * ```
 * g  = sqrt(1 + sigma²) grad_x |y - A(D(x; sigma))|
 * x' = ddim(x, D(x; sigma)) - strength sqrt(1 + sigma²) m / sqrt(v),   m, v the moments of g
 * ```
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Belardi et al., "Adaptive Moments are Surprisingly Effective for Plug-and-Play Diffusion
 * Sampling", ICLR 2026, arXiv 2603.16797.
 */
export function adamDps({
  strength = 0.05,
  beta1 = 0.9,
  beta2 = 0.995,
  eta = 1,
}: AdamDpsOptions = {}): NoiseLevelSampler<AdamDpsState> {
  checkPositive('adamDps', 'strength', strength);
  checkRange(beta1 >= 0 && beta1 < 1, 'adamDps', 'beta1', 'in [0, 1)', beta1);
  checkRange(beta2 >= 0 && beta2 < 1, 'adamDps', 'beta2', 'in [0, 1)', beta2);
  checkRange(eta >= 0 && eta <= 1, 'adamDps', 'eta', 'in [0, 1]', eta);
  return {
    name: 'adamDps',
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'lower strength',
    init: (_problem, run) => {
      const x = run.initial();
      return { x, moments: noMoments(x) };
    },
    step: ({ x, moments }, problem, level, run) => {
      const { denoised, gradient, error } = likelihoodGradient(problem, x, level.sigma);
      const state = tf.tidy(() => {
        const toVp = Math.sqrt(1 + level.sigma ** 2);
        const g = tf.mul<Tensor4D>(unsquared(gradient, error), toVp);
        const { direction, moments: after } = adam(g, moments, { beta1, beta2 });
        const prior = ddimStep(x, denoised, level, eta, run);
        const next = tf.sub<Tensor4D>(prior, tf.mul(direction, strength * toVp));
        return { x: next, moments: after };
      });
      return { state, denoised, error, gradient };
    },
  };
}
