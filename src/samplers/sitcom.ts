import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkPositive, checkRange } from '../internal/check';
import type { GaussianNoise } from '../operators/noise/noise';
import type { ForwardOperator } from '../operators/operator';
import { adam } from './adam';
import { likelihoodGradient } from './likelihood-gradient';
import { disposeTree } from './loop/state-tree';
import { renoise } from './renoise';
import { repeat } from './repeat';
import type { InverseProblem, NoiseLevelSampler, RunContext, SamplerState } from './sampler';

/** Options of `sitcom`. */
export interface SitcomOptions {
  /**
   * K: gradient steps on the input of the network at each noise level, an integer >= 1; each costs
   * a forward and a backward pass.
   * @default 30
   */
  innerSteps?: number;
  /**
   * The step of Adam on the variance-preserving state, > 0.
   * @default 0.02
   */
  learningRate?: number;
  /**
   * How strongly the input is held near x, at least 0. The ablation in the released repository tries
   * 0.05 to 1.5 and finds little difference; its released code has 0.
   * @default 1
   */
  lambda?: number;
}

/** The noise level that the released code adds to that of the measurement before it stops. */
const slack = 0.001;

/**
 * SITCOM: at each noise level, optimise the input of the network, not its output, until the denoised
 * image fits the measurement; then add the noise of the next level to that image.
 *
 * ```
 * v  = argmin_v |y - A(D(v; sigma))|² + lambda |v - x|² / (1 + sigma²),   K steps of Adam from x
 * x' = D(v; sigma) + sigma' n
 * ```
 *
 * An item stays where it is once `|y - A(D(v))|² < (std + 0.001)² m`, m the numbers of its
 * measurement. It needs Gaussian noise. A step costs K forward and backward passes, and one more forward.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Alkhouri et al., "SITCOM: Step-wise Triple-Consistent Diffusion Sampling for Inverse
 * Problems", ICML 2025, algorithm 1; K and the learning rate are those of its released code.
 */
export function sitcom({
  innerSteps = 30,
  learningRate = 0.02,
  lambda = 1,
}: SitcomOptions = {}): NoiseLevelSampler<
  SamplerState,
  InverseProblem<ForwardOperator, GaussianNoise>
> {
  checkInteger('sitcom', 'innerSteps', innerSteps, 1);
  checkPositive('sitcom', 'learningRate', learningRate);
  checkRange(Number.isFinite(lambda) && lambda >= 0, 'sitcom', 'lambda', 'a number >= 0', lambda);
  return {
    name: 'sitcom',
    needs: ['gaussian'],
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'lower learningRate',
    init: (_problem, run) => ({ x: run.initial() }),
    async step({ x }, problem, { sigma, sigmaNext }, run) {
      const v = await optimiseInput(x, problem, sigma, run, { innerSteps, learningRate, lambda });
      try {
        await run.tick();
        return tf.tidy(() => {
          const denoised = problem.denoiser.denoise(v, sigma);
          return { state: { x: renoise(denoised, sigmaNext, run) }, denoised };
        });
      } finally {
        v.dispose();
      }
    },
  };
}

/** `v`; the caller disposes it. */
async function optimiseInput(
  x: Tensor4D,
  problem: InverseProblem<ForwardOperator, GaussianNoise>,
  sigma: number,
  run: RunContext,
  { innerSteps, learningRate, lambda }: Required<SitcomOptions>,
): Promise<Tensor4D> {
  const scale = Math.sqrt(1 + sigma ** 2);
  const [batch] = x.shape;
  const enough = ((problem.noise.std + slack) ** 2 * problem.measurement.size) / batch;
  const transform = adam();
  const start = { v: x, moments: transform.init(x.shape) };
  try {
    const { v, moments } = await repeat(start, innerSteps, run, ({ v, moments }) => {
      const { error, gradient } = likelihoodGradient(problem, v, sigma);
      const pull = tf.mul(tf.sub(v, x), (2 * lambda) / scale);
      const g = tf.add<Tensor4D>(tf.mul(gradient, scale), pull);
      const { direction, state } = transform.update(moments, g);
      const open = tf.cast(tf.reshape(tf.greaterEqual(error, enough), [batch, 1, 1, 1]), 'float32');
      const step = tf.mul(tf.mul(direction, open), learningRate * scale);
      return { v: tf.sub<Tensor4D>(v, step), moments: state };
    });
    disposeTree(moments);
    return v;
  } finally {
    disposeTree(start.moments);
  }
}
