import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { itemRandom } from '../../internal/random';
import type { Shape4D } from '../../operators/operator';
import type { NoiseSchedule } from '../../schedulers/schedule';
import type { RunContext } from '../sampler';

/** Options of `runContext`. */
interface RunOptions {
  readonly shape: Shape4D;
  readonly schedule: NoiseSchedule;
  readonly seeds: readonly number[];
  readonly start?: Tensor4D;
  readonly signal?: AbortSignal;
}

/** Yields to timers, signals and drawing. */
const yieldToEventLoop = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });

/** The context of a run; `startStep` resets the draws to the first of a step. */
export function runContext({
  shape,
  schedule,
  seeds,
  start,
  signal,
}: RunOptions): RunContext & { startStep(index: number): void } {
  const random = itemRandom('sample', seeds);
  return {
    shape,
    schedule,
    normal: random.normal,
    initial: () =>
      tf.tidy(() => (start ? tf.clone(start) : tf.mul(random.normal(shape), schedule[0]!))),
    async tick() {
      signal?.throwIfAborted();
      await yieldToEventLoop();
      signal?.throwIfAborted();
    },
    // Draws before the first step, such as x_T, have number 0.
    startStep: (index) => random.startStep(index + 1),
  };
}
