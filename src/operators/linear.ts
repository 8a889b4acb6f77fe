import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { adjointPair, type ImageMap } from '../internal/adjoint-pair';
import { checkInteger, checkPositive, checkRange, checkType } from '../internal/check';
import { offTape } from '../internal/off-tape';
import { checkImage } from './check-image';
import { defaultIterations, normalSolvers } from './conjugate-gradient';
import type { Shape4D, SolvableOperator } from './operator';

/** Options of `linear`. */
export interface LinearOptions {
  /**
   * The name that errors and reports use.
   * @default 'linear'
   */
  name?: string;
  /**
   * Conjugate-gradient iterations of `solve` and `pseudoInverse`: an integer >= 1.
   * @default 50
   */
  iterations?: number;
}

/**
 * A linear operator from its forward map alone.
 *
 * `forward` must be linear (`forward(0) = 0`: no offset), treat each item alone, and be made of
 * differentiable TensorFlow.js operations. The adjoint `A'y` is its vector-Jacobian product, whose
 * own gradient is `forward`; `solve` and `pseudoInverse` run a fixed number of conjugate-gradient
 * iterations.
 *
 * Throws `TypeError` if forward is not a function, `RangeError` for an invalid shape, and from
 * `forward` for an x of another shape.
 *
 * @param forward `A(x)` on `[batch, height, width, channels]`.
 * @param shape Shape of one image, `[height, width, channels]`; of four numbers, the batch is ignored.
 */
export function linear(
  forward: ImageMap,
  shape: readonly [number, number, number] | Readonly<Shape4D>,
  { name = 'linear', iterations = defaultIterations }: LinearOptions = {},
): SolvableOperator {
  checkType(typeof forward === 'function', name, 'forward', 'a function', typeof forward);
  const [height, width, channels] = shape.slice(-3) as [number, number, number];
  const sizes = [height, width, channels];
  const valid = shape.length <= 4 && sizes.every((size) => Number.isInteger(size) && size > 0);
  checkRange(valid, name, 'shape', '[height, width, channels]', shape);
  checkInteger(name, 'iterations', iterations, 1);
  const imageShape = (batch: number): Shape4D => [batch, height, width, channels];
  const map = (x: Tensor) => forward(x as Tensor4D);
  const { adjoint } = adjointPair(
    forward,
    (y) => offTape(() => tf.grad(map)(tf.zeros(imageShape(y.shape[0])), y)) as Tensor4D,
  );
  const solvers = normalSolvers({ forward, adjoint }, iterations);
  return {
    name,
    imageShape: ([batch]) => imageShape(batch),
    forward(x) {
      checkImage(name, 'x', x);
      const fits = sizes.every((size, axis) => size === x.shape[axis + 1]);
      checkRange(fits, name, 'x.shape', `[batch, ${sizes.join(', ')}]`, x.shape);
      return forward(x);
    },
    adjoint(y) {
      checkImage(name, 'y', y);
      return adjoint(y);
    },
    pseudoInverse: solvers.pseudoInverse,
    solve(b, damping, effort) {
      checkPositive(name, 'damping', damping);
      return solvers.solve(b, damping, effort);
    },
  };
}
