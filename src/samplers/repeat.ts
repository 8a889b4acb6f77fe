import * as tf from '@tensorflow/tfjs';
import { cloneTree, disposeTree } from './loop/state-tree';
import type { RunContext, StateTree } from './sampler';

/**
 * Applies `next` a number of times, in a tidy, with a tick before each, so that a run can be cancelled
 * within one turn. It disposes the values in between; the caller keeps the start, and owns the result,
 * which may share tensors with the start.
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
