import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import type { LinearOperator } from '../operators/operator';
import { adam, type Moments, noMoments } from './adam';
import { distanceGradient } from './likelihood-gradient';
import type { InverseProblem, Sampler } from './sampler';

/** Options of `redDiff`. */
export interface RedDiffOptions {
  /**
   * Learning rate of Adam on the image, > 0.
   * @default 0.1
   */
  learningRate?: number;
  /**
   * lambda: weight of the prior beside the measurement, >= 0; it is multiplied by sigma.
   * @default 0.25
   */
  lambda?: number;
}

/** State of `redDiff`: x is the image itself, without noise, and not at the level of the step. */
export type RedDiffState = { readonly x: Tensor4D; readonly moments: Moments };

const decay = { beta1: 0.9, beta2: 0.99 };

/**
 * RED-diff: the mean of a Gaussian that is closest to the posterior, by stochastic optimization. Each
 * step adds noise to the image, and moves it by what the network takes off wrongly.
 *
 * ```
 * e = (mu + sigma n - D(mu + sigma n; sigma)) / sigma
 * g = grad_mu distance(A(mu), y) / (2 m) + lambda sigma (e - n) / d
 * ```
 *
 * with d pixels and m measured values; then a step of Adam along -g. It starts at the pseudo-inverse
 * of y where the operator has one, else at gray. Its x is not at the noise level of a step, so `spgd`
 * cannot go round it.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Mardani et al., "A Variational Perspective on Solving Inverse Problems with Diffusion
 * Models", ICLR 2024.
 */
export function redDiff({
  learningRate = 0.1,
  lambda = 0.25,
}: RedDiffOptions = {}): Sampler<RedDiffState> {
  checkPositive('redDiff', 'learningRate', learningRate);
  checkRange(lambda >= 0 && Number.isFinite(lambda), 'redDiff', 'lambda', 'a number >= 0', lambda);
  return {
    name: 'redDiff',
    remedy: 'lower learningRate',
    init: (problem, run) => {
      const x = firstGuess(problem, run.shape);
      return { x, moments: noMoments(x) };
    },
    step: ({ x, moments }, problem, { sigma }, run) =>
      tf.tidy(() => {
        const n = run.normal(run.shape);
        const noisy = tf.add<Tensor4D>(x, tf.mul(n, sigma));
        const e = tf.div(tf.sub(noisy, problem.denoiser.denoise(noisy, sigma)), sigma);
        const prior = tf.mul(tf.sub(e, n), (lambda * sigma) / x.size);
        const { gradient, error } = distanceGradient(problem, x);
        const likelihood = tf.div(gradient, 2 * problem.measurement.size);
        const g = tf.add<Tensor4D>(likelihood, prior);
        const { direction, moments: after } = adam(tf.mul(g, x.shape[0]), moments, decay);
        const next = tf.sub<Tensor4D>(x, tf.mul(direction, learningRate));
        return { state: { x: next, moments: after }, denoised: tf.clone(x), error };
      }),
  };
}

function firstGuess({ operator, measurement }: InverseProblem, shape: Tensor4D['shape']): Tensor4D {
  const { pseudoInverse } = operator as Partial<LinearOperator>;
  return pseudoInverse?.(measurement) ?? tf.zeros(shape);
}
