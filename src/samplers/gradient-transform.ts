import type { Tensor4D } from '@tensorflow/tfjs';
import type { Shape4D } from '../operators/operator';
import type { StateTree } from './sampler';

/**
 * Turns a series of gradients into the directions to descend along: momentum, normalisation, clipping.
 *
 * Nothing in it may depend on the batch or read a value back. `update` runs in a tidy: it disposes
 * nothing, and what it does not return is freed.
 */
export interface GradientTransform<S extends StateTree = StateTree> {
  /** The state before the first gradient; `shape` is `[batch, height, width, channels]`. */
  init(shape: Shape4D): S;
  /** The next direction, of the shape of the gradient, and the next state. */
  update(
    state: S,
    gradient: Tensor4D,
  ): {
    /** The next state. */
    readonly state: S;
    /** The direction: x moves along minus this. */
    readonly direction: Tensor4D;
  };
}
