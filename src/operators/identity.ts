import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { linearOperator } from './linear-operator';
import type { SolvableOperator } from './operator';

/**
 * Nothing but noise: `y = x`, for denoising.
 *
 * Takes and gives `[batch, height, width, channels]`, values in [-1, 1]. Solver: `b / (1 + damping)`.
 */
export function identity(): SolvableOperator {
  const same = (x: Tensor4D) => tf.clone(x);
  return linearOperator({
    name: 'identity',
    forward: same,
    adjoint: same,
    pseudoInverse: same,
    solve: (b, damping) => tf.div(b, 1 + damping),
  });
}
