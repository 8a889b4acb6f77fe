import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import { type AdamState, adam, checkBetas } from './adam';
import { ddimStep, noiseOn } from './ddim-step';
import { likelihoodGradient, ofRoot } from './likelihood-gradient';
import type { NoiseLevelSampler, SamplerState } from './sampler';

/** Options of `adamDps`; the defaults are those that the paper's released search found for Gaussian deblurring in 100 steps, rounded. */
export interface AdamDpsOptions {
  /**
   * The step of every pixel of the variance-preserving state along the smoothed gradient, > 0. For
   * restoration in 100 steps the released searches found 0.02 to 0.06.
   * @default 0.06
   */
  strength?: number;
  /**
   * How much of the mean gradient of earlier steps is kept, in [0, 1).
   * @default 0.7
   */
  beta1?: number;
  /**
   * How much of the mean squared gradient of earlier steps is kept, in [0, 1).
   * @default 0.76
   */
  beta2?: number;
  /**
   * The unguided step, in [0, 1]: 1 is ancestral sampling, 0 the probability-flow ODE.
   * @default 1
   */
  eta?: number;
}

/** The state of `adamDps`: x, and the moments of the gradient. */
export type AdamDpsState = SamplerState & {
  /** The state of `adam`. */
  readonly moments: AdamState;
};

/**
 * Adam-DPS: diffusion posterior sampling along the direction of Adam, which keeps its moments of the
 * likelihood gradient from step to step.
 *
 * ```
 * x0 = D(x; sigma),   e = (x - x0) / sigma
 * g  = sqrt(1 + sigma²) grad_x |y - A(x0)|
 * m  = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g²
 * u  = m / (1 - beta1^i) / (sqrt(v / (1 - beta2^i)) + 1e-8)
 * x' = x0 + c1 n + c2 e - strength sqrt(1 + sigma²) u
 * ```
 *
 * i counts the steps from 1; c1 and c2 are those of `dps`.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Belardi et al., "Adaptive Moments are Surprisingly Effective for Plug-and-Play Diffusion
 * Sampling", ICLR 2026, arXiv 2603.16797, and its released code.
 */
export function adamDps({
  strength = 0.06,
  beta1 = 0.7,
  beta2 = 0.76,
  eta = 1,
}: AdamDpsOptions = {}): NoiseLevelSampler<AdamDpsState> {
  checkPositive('adamDps', 'strength', strength);
  checkBetas('adamDps', { beta1, beta2 });
  checkRange(eta >= 0 && eta <= 1, 'adamDps', 'eta', 'in [0, 1]', eta);
  const transform = adam({ beta1, beta2 });
  return {
    name: 'adamDps',
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'lower strength',
    init: (_problem, run) => ({ x: run.initial(), moments: transform.init(run.shape) }),
    step: ({ x, moments }, problem, level, run) =>
      tf.tidy(() => {
        const { denoised: x0, ...found } = likelihoodGradient(problem, x, level.sigma);
        const scale = Math.sqrt(1 + level.sigma ** 2);
        const g = tf.mul<Tensor4D>(ofRoot(found), scale);
        const { direction: u, state: after } = transform.update(moments, g);
        const prior = ddimStep(x0, noiseOn(x, x0, level.sigma), level, eta, run);
        const next = tf.sub<Tensor4D>(prior, tf.mul(u, strength * scale));
        return { state: { x: next, moments: after }, denoised: x0, error: found.error };
      }),
  };
}
