import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkRange, checkType } from '../internal/check';
import { denoisedAlready } from './denoised-already';
import { directionalMomentum, type Similarity, similarities } from './directional-momentum';
import { type LikelihoodGradient, likelihoodGradient } from './likelihood-gradient';
import type { InverseProblem, RunContext, Sampler, SamplerState, StepLevel } from './sampler';

/** Options of `spgd`. */
export interface SpgdOptions {
  /**
   * `lr`: the step along the smoothed likelihood gradient, > 0. A function gives it for each noise
   * level. Too large a value diverges; too small a one ignores the measurement.
   */
  learningRate: number | ((level: StepLevel) => number);
  /**
   * N: gradient steps before each step of the base, an integer >= 0; each costs one pass forward
   * and one backward through the network.
   * @default 5
   */
  warmupSteps?: number;
  /**
   * b: how strongly a gradient keeps the direction of those before it, in [0, 1). 0 is plain
   * gradient descent, which is what the released code does.
   * @default 0.9
   */
  momentum?: number;
  /**
   * Where the cosine of two gradients is taken.
   * @default 'pixel'
   */
  similarity?: Similarity;
  /**
   * Where the base has its denoised image from: `'latest'` denoises once more after the last
   * gradient step (N + 1 passes a step); `'previous'` takes the residual of the last gradient step
   * (N passes), as the released code does, and needs `warmupSteps` >= 1.
   * @default 'latest'
   */
  denoiseAt?: 'latest' | 'previous';
  /**
   * How much of the learning rate is gone by the last step: `lr_i = lr (1 - decay i / M)`, in
   * [0, 1].
   * @default 0.99
   */
  decay?: number;
}

/** What `spgd` may wrap: a sampler whose state lies at the noise level of its step. */
export type NoiseLevelSampler<S extends SamplerState> = Sampler<S> & {
  readonly atNoiseLevel: true;
};

/**
 * Stabilized Progressive Gradient Diffusion round any sampler: before each step of `base`, x is
 * moved N times along the likelihood gradient, smoothed by adaptive directional momentum.
 *
 * ```
 * g_j     = grad_x distance(y, A(D(x^(j); sigma_i)))
 * m_j     = a_j b m_{j-1} + (1 - a_j b) g_j,   a_j = (cos(g_j, m_{j-1}) + 1) / 2
 * x^(j+1) = x^(j) - lr_i m_j
 * x_{i+1} = base.step(x^(N))
 * ```
 *
 * @throws RangeError for an option out of range; TypeError for a base that is not at the noise
 * level, or that takes gradients itself while `denoiseAt` is `'previous'`.
 *
 * Reference: SPGD, arXiv 2507.06656.
 */
export function spgd<S extends SamplerState>(
  base: NoiseLevelSampler<S>,
  options: SpgdOptions,
): NoiseLevelSampler<S> {
  const settings = check(base, options);
  const { warmupSteps, denoiseAt } = settings;
  return {
    name: `spgd(${base.name})`,
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'lower learningRate',
    init: (problem, run) => base.init(problem, run),
    async step(state, problem, level, run) {
      if (warmupSteps === 0) return base.step(state, problem, level, run);
      const { x, before, last } = await warmUp(state.x, problem, level, run, settings);
      try {
        await run.tick();
        const known = denoiseAt === 'previous';
        const denoiser = known
          ? denoisedAlready(problem.denoiser, {
              x,
              before,
              denoised: last.denoised,
              sigma: level.sigma,
            })
          : problem.denoiser;
        const step = await base.step({ ...state, x }, { ...problem, denoiser }, level, run);
        tf.dispose(step.error ?? []);
        if (!known) return { ...step, error: tf.clone(last.error) };
        step.denoised.dispose();
        return { ...step, denoised: tf.clone(last.denoised), error: tf.clone(last.error) };
      } finally {
        tf.dispose([x, before, ...Object.values(last)]);
      }
    },
  };
}

/** Where the gradient steps end. */
interface WarmUp {
  /** `x^(N)`. */
  readonly x: Tensor4D;
  /** `x^(N-1)`. */
  readonly before: Tensor4D;
  /** Denoised image, gradient and error at `x^(N-1)`. */
  readonly last: LikelihoodGradient;
}

/** N gradient steps from `x_i`; the caller disposes what it gets. */
async function warmUp(
  start: Tensor4D,
  problem: InverseProblem,
  level: StepLevel,
  run: RunContext,
  { warmupSteps, rate, momentum, similarity }: Settings,
): Promise<WarmUp> {
  const lr = rate(level);
  let x = tf.clone(start);
  let before: Tensor4D | undefined;
  let last: LikelihoodGradient | undefined;
  let m: Tensor4D | undefined;
  try {
    for (let j = 0; j < warmupSteps; j++) {
      await run.tick();
      tf.dispose(last ? Object.values(last) : []);
      last = undefined;
      last = likelihoodGradient(problem, x, level.sigma);
      const smoothed = directionalMomentum(last.gradient, m, { momentum, similarity });
      m?.dispose();
      m = smoothed;
      before?.dispose();
      before = x;
      x = tf.tidy(() => tf.sub(x, tf.mul(smoothed, lr)));
    }
    return { x, before: before!, last: last! };
  } catch (error) {
    tf.dispose([x, before ?? [], last ? Object.values(last) : []]);
    throw error;
  } finally {
    m?.dispose();
  }
}

type Settings = ReturnType<typeof check>;

function check<S extends SamplerState>(base: NoiseLevelSampler<S>, options: SpgdOptions) {
  const { learningRate, warmupSteps = 5, momentum = 0.9, similarity = 'pixel' } = options;
  const { denoiseAt = 'latest', decay = 0.99 } = options;
  const owner = 'spgd';
  checkType(base.atNoiseLevel === true, owner, 'base', 'a sampler with atNoiseLevel', base.name);
  const constant = typeof learningRate === 'number';
  const positive = constant && Number.isFinite(learningRate) && learningRate > 0;
  checkRange(
    positive || typeof learningRate === 'function',
    owner,
    'learningRate',
    'a number > 0',
    learningRate,
  );
  checkInteger(owner, 'warmupSteps', warmupSteps, 0);
  checkRange(momentum >= 0 && momentum < 1, owner, 'momentum', 'in [0, 1)', momentum);
  checkRange(
    similarities.includes(similarity),
    owner,
    'similarity',
    similarities.join(' or '),
    similarity,
  );
  checkRange(
    ['latest', 'previous'].includes(denoiseAt),
    owner,
    'denoiseAt',
    'latest or previous',
    denoiseAt,
  );
  checkRange(decay >= 0 && decay <= 1, owner, 'decay', 'in [0, 1]', decay);
  if (denoiseAt === 'previous') {
    const plain = !base.differentiates;
    checkType(
      plain,
      owner,
      'denoiseAt',
      `latest round ${base.name}, which takes gradients`,
      denoiseAt,
    );
    checkRange(warmupSteps > 0, owner, 'warmupSteps', '>= 1 with denoiseAt previous', warmupSteps);
  }
  const rate = (level: StepLevel): number => {
    const lr = typeof learningRate === 'number' ? learningRate : learningRate(level);
    return lr * (1 - (decay * level.index) / level.total);
  };
  return { rate, warmupSteps, momentum, similarity, denoiseAt };
}
