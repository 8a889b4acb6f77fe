import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type AdjointPair, adjointPair, type ImageMap } from '../internal/adjoint-pair';
import { checkInteger, checkPositive } from '../internal/check';
import type { SolvableOperator, SolveEffort } from './operator';

/** Residual, relative to b, at which an item counts as solved. */
const roundingLevel = 1e-6;

/** `<a, b>` of each item: `[batch, 1, 1, 1]`. */
const dot = (a: Tensor4D, b: Tensor4D): Tensor4D => tf.sum(tf.mul(a, b), [1, 2, 3], true);

/**
 * Solves `S x = b` by conjugate gradients from x = 0, `S` symmetric and positive semi-definite.
 *
 * The number of iterations is fixed, and the scalars of each item stay tensors: nothing is read
 * back, and no item acts on another. An item that is solved stays as it is.
 *
 * @param map `S` on a batch `[batch, height, width, channels]`.
 * @param b The right-hand side, of the same shape as x.
 * @param iterations Number of products with `S`.
 * Reference: Hestenes and Stiefel 1952.
 */
export function conjugateGradient(map: ImageMap, b: Tensor4D, iterations: number): Tensor4D {
  return tf.tidy(() => {
    const start = dot(b, b);
    const solved = tf.mul(start, roundingLevel ** 2);
    let state = [tf.zerosLike(b), b, b, start];
    for (let i = 0; i < iterations; i++) {
      const before = state;
      state = tf.tidy(() => {
        const [x, r, p, rr] = before as [Tensor4D, Tensor4D, Tensor4D, Tensor4D];
        const image = map(p);
        const ratio = tf.divNoNan(rr, dot(p, image));
        // Past rounding, a singular map would be divided by its null space.
        const alpha = tf.where(tf.greater(rr, solved), ratio, tf.zerosLike(ratio));
        const residual = tf.sub(r, tf.mul(alpha, image)) as Tensor4D;
        const square = dot(residual, residual);
        const direction = tf.add(residual, tf.mul(tf.divNoNan(square, rr), p)) as Tensor4D;
        return [tf.add(x, tf.mul(alpha, p)) as Tensor4D, residual, direction, square];
      });
      tf.dispose(before.filter((tensor) => tensor !== b && tensor !== start));
    }
    return state[0]!;
  });
}

/** The default number of iterations: exact for most operators, regularizing for blurs. */
export const defaultIterations = 50;

/** The error of a damped solve, relative to its result, where nothing else is asked for. */
const usualError = 1e-4;

/**
 * The iterations after which conjugate gradients on `A'A + damping I` are sure to have reached a relative
 * error: it falls by `(√c - 1) / (√c + 1)` each, c the condition number.
 */
const sufficientIterations = (norm: number, damping: number, error: number): number =>
  Math.ceil((Math.sqrt(1 + norm ** 2 / damping) * Math.max(1, Math.log(2 / error))) / 2);

/** Both solvers of a linear operator. */
export type Solvers = Pick<SolvableOperator, 'solve' | 'pseudoInverse'>;

function checkEffort({ error, iterations }: SolveEffort): void {
  if (error !== undefined) checkPositive('solve', 'error', error);
  if (iterations !== undefined) checkInteger('solve', 'iterations', iterations, 1);
}

/**
 * `solve` and `pseudoInverse` of a linear operator, from its forward map and adjoint alone.
 *
 * `solve(b, damping)` runs conjugate gradients on `A'A + damping I`, `pseudoInverse(y)` on the normal
 * equations `A'A x = A'y`. Both are differentiable: the solver is symmetric, so its gradient is
 * itself, as exact as the solver has converged.
 *
 * @param iterations The most products with `A'A`.
 * @param norm The largest singular value of A, where it is known: a large damping then takes fewer.
 */
export function normalSolvers(
  { forward, adjoint }: AdjointPair,
  iterations: number = defaultIterations,
  norm = Infinity,
): Solvers {
  const solveDamped = (damping: number, effort: SolveEffort = {}): ImageMap => {
    checkEffort(effort);
    const { error = usualError } = effort;
    const most = Math.min(iterations, effort.iterations ?? iterations);
    const normal = (x: Tensor4D) =>
      tf.tidy(() => tf.add(adjoint(forward(x)), tf.mul(x, damping)) as Tensor4D);
    const count = damping === 0 ? most : sufficientIterations(norm, damping, error);
    const invert = (b: Tensor4D) => conjugateGradient(normal, b, Math.min(most, count));
    return adjointPair(invert, invert).forward;
  };
  return {
    solve: (b, damping, effort) => solveDamped(damping, effort)(b),
    pseudoInverse: (y) => tf.tidy(() => solveDamped(0)(adjoint(y))),
  };
}
