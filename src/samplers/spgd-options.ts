import { checkInteger, checkRange, checkType } from '../internal/check';
import {
  checkMomentum,
  type DirectionalMomentumOptions,
  directionalMomentum,
} from './directional-momentum';
import type { GradientTransform } from './gradient-transform';
import type { Sampler, StepLevel } from './sampler';

/** Options of `spgd`. */
export interface SpgdOptions extends DirectionalMomentumOptions {
  /**
   * `lr`: the step along the smoothed likelihood gradient, > 0. A function gives it for each noise
   * level. Too large a value diverges; too small a one ignores the measurement.
   */
  learningRate: number | ((level: StepLevel) => number);
  /**
   * N: gradient steps before each step of the base, an integer >= 0; each costs a forward and a
   * backward pass through the network.
   * @default 5
   */
  warmupSteps?: number;
  /**
   * What turns the gradients of one noise level into directions, such as `adam()`; it replaces
   * `momentum` and `similarity`.
   * @default directionalMomentum({ momentum, similarity })
   */
  transform?: GradientTransform;
  /**
   * Where the base's denoised image comes from: `'latest'` denoises once more after the last gradient
   * step (N + 1 passes a step); `'previous'` uses the residual of the last gradient step (N passes), as
   * the released code does, and needs `warmupSteps` >= 1.
   * @default 'latest'
   */
  denoiseAt?: 'latest' | 'previous';
  /**
   * The share of the learning rate that is gone by the last step: `lr_i = lr (1 - decay i / M)`, in
   * [0, 1].
   * @default 0.99
   */
  decay?: number;
}

/** Checks options against the base they are for, and fills in the defaults; `rate` is `lr_i`. */
export function checkSpgdOptions(base: Sampler, options: SpgdOptions) {
  const { learningRate, warmupSteps = 5, denoiseAt = 'latest', decay = 0.99 } = options;
  const owner = 'spgd';
  checkType(base.atNoiseLevel === true, owner, 'base', 'a sampler with atNoiseLevel', base.name);
  const isPositive =
    typeof learningRate === 'number' && Number.isFinite(learningRate) && learningRate > 0;
  const isRate = isPositive || typeof learningRate === 'function';
  checkRange(isRate, owner, 'learningRate', 'a number > 0', learningRate);
  checkInteger(owner, 'warmupSteps', warmupSteps, 0);
  checkRange(decay >= 0 && decay <= 1, owner, 'decay', 'in [0, 1]', decay);
  checkDenoiseAt(base, warmupSteps, denoiseAt);
  const rate = (level: StepLevel): number => {
    const lr = typeof learningRate === 'number' ? learningRate : learningRate(level);
    return lr * (1 - (decay * level.index) / level.total);
  };
  return { rate, warmupSteps, transform: transformOf(options), denoiseAt };
}

/** The transform that is given, or the momentum of the paper. */
function transformOf({ transform, momentum, similarity }: SpgdOptions): GradientTransform {
  if (!transform) {
    checkMomentum('spgd', { momentum, similarity });
    return directionalMomentum({ momentum, similarity });
  }
  for (const [option, value] of Object.entries({ momentum, similarity }))
    checkType(value === undefined, 'spgd', option, 'left out with transform', value);
  return transform;
}

function checkDenoiseAt(base: Sampler, warmupSteps: number, denoiseAt: string): void {
  const owner = 'spgd';
  const known = ['latest', 'previous'].includes(denoiseAt);
  checkRange(known, owner, 'denoiseAt', 'latest or previous', denoiseAt);
  if (denoiseAt === 'latest') return;
  const rule = `latest with ${base.name}, which takes gradients`;
  checkType(!base.differentiates, owner, 'denoiseAt', rule, denoiseAt);
  checkRange(warmupSteps > 0, owner, 'warmupSteps', '>= 1 with denoiseAt previous', warmupSteps);
}
