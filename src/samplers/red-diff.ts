import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive } from '../internal/check';
import { dampedInverse } from '../operators/damped-inverse';
import type { SolvableOperator } from '../operators/operator';
import { type AdamState, adam, checkBetas } from './adam';
import { residualGradient } from './likelihood-gradient';
import { renoise, unitNoise } from './renoise';
import type { InverseProblem, Sampler, SamplerState } from './sampler';

/** Options of `redDiff`; the defaults are those of the released code. */
export interface RedDiffOptions {
  /**
   * The weight of the prior relative to the measurement, > 0.
   * @default 0.25
   */
  lambda?: number;
  /**
   * The step of Adam, > 0.
   * @default 0.1
   */
  learningRate?: number;
  /**
   * How much of the mean gradient of earlier steps is kept, in [0, 1).
   * @default 0.9
   */
  beta1?: number;
  /**
   * How much of the mean squared gradient of earlier steps is kept, in [0, 1).
   * @default 0.99
   */
  beta2?: number;
}

/** The noise that the inverse of y is damped by at least: one of 255 grey levels. */
const leastStd = 2 / 255;

/** The state of `redDiff`: the image, and the moments of its gradient. */
export type RedDiffState = SamplerState & {
  /** The state of `adam`. */
  readonly moments: AdamState;
};

/**
 * RED-diff: Adam optimises one image, towards the measurement and towards what the denoiser makes of
 * it with the noise of the step added. Its x is a clean image at every step, so `spgd` cannot wrap it.
 *
 * ```
 * g  = grad_x |y - A(x)|² / (2 m) + lambda (x - D(x + sigma n; sigma)) / d
 * x' = x - learningRate Adam(g)
 * ```
 *
 * m and d count the numbers of a measurement and of an image. The prior's weight is the paper's
 * `lambda sigma` for the residual `(x + sigma n - D) / sigma - n`. It starts from the inverse of y,
 * damped by the noise, or from unit noise for operators without a solver. It never visits the last
 * noise level.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Mardani et al., "A Variational Perspective on Solving Inverse Problems with Diffusion
 * Models", ICLR 2024, algorithm 1, weights linear in 1 / SNR.
 */
export function redDiff({
  lambda = 0.25,
  learningRate = 0.1,
  beta1 = 0.9,
  beta2 = 0.99,
}: RedDiffOptions = {}): Sampler<RedDiffState> {
  checkPositive('redDiff', 'lambda', lambda);
  checkPositive('redDiff', 'learningRate', learningRate);
  checkBetas('redDiff', { beta1, beta2 });
  const transform = adam({ beta1, beta2 });
  return {
    name: 'redDiff',
    remedy: 'lower learningRate',
    init: (problem, run) => ({
      x: inverted(problem) ?? unitNoise(run),
      moments: transform.init(run.shape),
    }),
    step: ({ x, moments }, problem, { sigma }, run) =>
      tf.tidy(() => {
        const [batch] = x.shape;
        const cleaned = problem.denoiser.denoise(renoise(x, sigma, run), sigma);
        const { error, gradient } = residualGradient(problem, x);
        const fit = tf.mul(gradient, batch / (2 * problem.measurement.size));
        const prior = tf.mul(tf.sub(x, cleaned), (lambda * batch) / x.size);
        const g = tf.add<Tensor4D>(fit, prior);
        const { direction, state: after } = transform.update(moments, g);
        const next = tf.sub<Tensor4D>(x, tf.mul(direction, learningRate));
        return { state: { x: next, moments: after }, denoised: tf.clone(x), error };
      }),
  };
}

/** `A' (A A' + s² I)⁻¹ y`, which keeps directions small that hold nothing but noise; s is std. */
function inverted({ operator, measurement, noise }: InverseProblem): Tensor4D | undefined {
  const solvable = 'solve' in operator && 'pseudoInverse' in operator;
  if (!solvable) return undefined;
  const s = Math.max(noise.std ?? 0, leastStd);
  return dampedInverse(operator as SolvableOperator, measurement, s ** 2);
}
