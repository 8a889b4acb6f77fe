import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { linearOperator } from './linear-operator';
import type { SpectralOperator } from './operator';

/** The operator of denoising, as its type says: what `mmse` needs. */
export interface IdentityOperator extends SpectralOperator {
  /** `A(x) = x`. */
  readonly isIdentity: true;
}

/**
 * `y = x`: nothing but noise, for denoising.
 *
 * Takes and gives `[batch, height, width, channels]`, values in [-1, 1]. Solver: `b / (1 + damping)`.
 */
export function identity(): IdentityOperator {
  const same = (x: Tensor4D) => tf.clone(x);
  const operator = linearOperator({
    name: 'identity',
    reach: 0,
    forward: same,
    adjoint: same,
    spectrum: {
      values: () => tf.ones([1, 1, 1, 1]),
      analyze: same,
      synthesize: same,
      analyzeMeasurement: same,
    },
  });
  return { ...operator, isIdentity: true };
}
