import type { TensorContainer } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { RunContext, StateTree } from './sampler';
import { cloneTree, disposeTree } from './state-tree';

/**
 * Repeats an inner step, with a tick before each, from a state that stays the caller's. Frees every
 * state but the last, and all of them when a step or a tick throws.
 */
export async function repeat<T extends StateTree>(
  start: T,
  times: number,
  run: Pick<RunContext, 'tick'>,
  step: (state: T, index: number) => T,
): Promise<T> {
  let state = cloneTree(start);
  try {
    for (let index = 0; index < times; index++) {
      await run.tick();
      const next = tf.tidy(() => step(state, index) as TensorContainer) as T;
      disposeTree(state, next);
      state = next;
    }
    return state;
  } catch (error) {
    disposeTree(state);
    throw error;
  }
}
