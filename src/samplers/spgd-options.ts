import { checkInteger, checkRange, checkType } from '../internal/check';
import { type Similarity, similarities } from './directional-momentum';
import type { Sampler, StepLevel } from './sampler';

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

/** Checked options with their defaults; `rate` is `lr_i`. */
export type SpgdSettings = ReturnType<typeof checkSpgdOptions>;

/** Checks options against the base they are for. */
export function checkSpgdOptions(base: Sampler, options: SpgdOptions) {
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
