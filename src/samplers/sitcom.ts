import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkPositive, checkRange } from '../internal/check';
import { adam, type Moments, noMoments } from './adam';
import { likelihoodGradient } from './likelihood-gradient';
import { repeat } from './repeat';
import type { InverseProblem, SamplerState } from './sampler';
import type { NoiseLevelSampler } from './spgd';

/** Options of `sitcom`. */
export interface SitcomOptions {
  /**
   * K: Adam steps on the input of the network at each noise level, an integer >= 1; each costs one
   * pass forward and one backward.
   * @default 20
   */
  optimizationSteps?: number;
  /**
   * Learning rate of Adam on the variance-preserving state, > 0.
   * @default 0.01
   */
  learningRate?: number;
  /**
   * Weight of `|x - v|²`, which keeps the input near x, >= 0. The released code has none.
   * @default 0
   */
  lambda?: number;
}

type Inner = { readonly v: Tensor4D; readonly moments: Moments };

const decay = { beta1: 0.9, beta2: 0.999 };

/** Added to the noise of the measurement where the optimization of an item ends, as released. */
const slack = 0.001;

/**
 * SITCOM: at each noise level the input of the network is optimized until its denoised image fits the
 * measurement; that image gets the noise of the next level.
 *
 * ```
 * v  = argmin_v |A(D(v; sigma)) - y|² + lambda |x - v|²,   K steps of Adam from v = x
 * x' = D(v; sigma) + sigma' n
 * ```
 *
 * For Gaussian noise an item stands still once its residual has the size of the noise,
 * `|A(D(v)) - y|² < (std + 0.001)² m` with m measured values, so that it does not fit the noise.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Alkhouri et al., "SITCOM: Step-wise Triple-Consistent Diffusion Sampling for Inverse
 * Problems", ICML 2025, algorithm 1.
 */
export function sitcom({
  optimizationSteps = 20,
  learningRate = 0.01,
  lambda = 0,
}: SitcomOptions = {}): NoiseLevelSampler<SamplerState> {
  checkInteger('sitcom', 'optimizationSteps', optimizationSteps, 1);
  checkPositive('sitcom', 'learningRate', learningRate);
  checkRange(lambda >= 0 && Number.isFinite(lambda), 'sitcom', 'lambda', 'a number >= 0', lambda);
  return {
    name: 'sitcom',
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'lower learningRate',
    init: (_problem, run) => ({ x: run.initial() }),
    async step({ x }, problem, { sigma, sigmaNext }, run) {
      const toVp = Math.sqrt(1 + sigma ** 2);
      const descend = ({ v, moments }: Inner): Inner => {
        const { gradient, error } = likelihoodGradient(problem, v, sigma);
        const pull = lambda === 0 ? gradient : tf.add(gradient, tf.mul(tf.sub(v, x), 2 * lambda));
        const { direction, moments: after } = adam(pull as Tensor4D, moments, decay);
        const moved = tf.mul(tf.mul(direction, learningRate * toVp), unfinished(problem, error));
        return { v: tf.sub<Tensor4D>(v, moved), moments: after };
      };
      const first = tf.tidy(() => ({ v: tf.clone(x), moments: noMoments(x) }));
      try {
        const { v, moments } = await repeat<Inner>(first, optimizationSteps, run, descend);
        tf.dispose([moments.m, moments.v]);
        try {
          await run.tick();
          const denoised = problem.denoiser.denoise(v, sigma);
          const next = tf.tidy(() =>
            tf.add<Tensor4D>(denoised, tf.mul(run.normal(run.shape), sigmaNext)),
          );
          return { state: { x: next }, denoised };
        } finally {
          v.dispose();
        }
      } finally {
        tf.dispose([first.v, first.moments.m, first.moments.v]);
      }
    },
  };
}

/** 1 for the items that do not yet fit their measurement, 0 for the others: `[batch, 1, 1, 1]`. */
function unfinished({ noise, measurement }: InverseProblem, error: Tensor1D): Tensor | number {
  if (noise.std === undefined) return 1;
  const values = measurement.size / measurement.shape[0];
  const allowed = (noise.std + slack) ** 2 * values;
  return tf.reshape(tf.cast(tf.greaterEqual(error, allowed), 'float32'), [-1, 1, 1, 1]);
}
