import * as tf from '@tensorflow/tfjs';
import { cloneTree, disposeTree } from './loop/state-tree';
import type { RunContext, StateTree } from './sampler';

/**
 * Applies `next` a number of times, with a tick before each, so that a run can be cancelled within
 * one turn. What lies between is freed; the start stays the caller's, the result is new.
 */
export async function repeat<T extends StateTree>(
  start: T,
  times: number,
  { tick }: Pick<RunContext, 'tick'>,
  next: (value: T, turn: number) => T,
): Promise<T> {
  let value = start;
  try {
    for (let turn = 0; turn < times; turn++) {
      await tick();
      const after = tf.tidy(() => next(value, turn) as tf.TensorContainer) as T;
      disposeTree(value, [start, after]);
      value = after;
    }
    return value === start ? cloneTree(start) : value;
  } catch (error) {
    disposeTree(value, start);
    throw error;
  }
}
