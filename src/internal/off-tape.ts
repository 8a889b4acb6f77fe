import * as tf from '@tensorflow/tfjs';

interface TapeState {
  activeTape: unknown;
  gradientDepth: number;
  kernelDepth: number;
}

/**
 * Runs a function as if no gradient were being taken, and restores the tape after it. Inside a
 * custom gradient TensorFlow.js would record (and so keep) every tensor for nothing, and an inner
 * `tf.grad` would destroy the outer tape.
 */
export function offTape<T>(run: () => T): T {
  const state = tf.engine().state as unknown as TapeState;
  const { activeTape, gradientDepth, kernelDepth } = state;
  Object.assign(state, { activeTape: null, gradientDepth: 0, kernelDepth: 0 });
  try {
    return run();
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}
