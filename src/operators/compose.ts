import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { ImageMap } from '../internal/adjoint-pair';
import { checkPositive, checkRange } from '../internal/check';
import { normalSolvers } from './conjugate-gradient';
import type { ForwardOperator, LinearOperator, Shape4D, SolvableOperator } from './operator';

const isLinear = (operator: ForwardOperator): operator is LinearOperator => 'adjoint' in operator;

const chain =
  (maps: readonly ImageMap[]): ImageMap =>
  (x) =>
    tf.tidy(() => maps.reduce<Tensor4D>((value, map) => map(value), x));

/**
 * Operators in sequence: `compose(a, b, c).forward(x) = a(b(c(x)))`, the outermost first.
 *
 * Linear operators compose to a linear one: its adjoint applies theirs in reverse order, its solvers
 * are conjugate gradients. A latent prior is `compose(operator, decoder(autoencoder))`. Throws
 * `RangeError` where no operator is given.
 */
export function compose(
  ...operators: readonly [LinearOperator, ...LinearOperator[]]
): SolvableOperator;
export function compose(
  ...operators: readonly [ForwardOperator, ...ForwardOperator[]]
): ForwardOperator;
export function compose(...operators: readonly ForwardOperator[]): ForwardOperator {
  checkRange(operators.length > 0, 'compose', 'operators', 'at least one', operators);
  const { observed } = operators[0]!;
  const composed: ForwardOperator = {
    name: operators.map(({ name }) => name).join(' of '),
    forward: chain(operators.map((operator) => (x: Tensor4D) => operator.forward(x)).reverse()),
    imageShape: (measurement) =>
      operators.reduce<Shape4D>(
        (shape, operator) => operator.imageShape?.(shape) ?? shape,
        measurement,
      ),
    ...(observed && { observed }),
    async check() {
      for (const operator of operators) await operator.check?.();
    },
  };
  if (!operators.every(isLinear)) return composed;
  const adjoint = chain(operators.map((operator) => (y: Tensor4D) => operator.adjoint(y)));
  const { solve, pseudoInverse } = normalSolvers({ forward: composed.forward, adjoint });
  const linear: SolvableOperator = {
    ...composed,
    adjoint,
    pseudoInverse,
    solve(b, damping, effort) {
      checkPositive('compose', 'damping', damping);
      return solve(b, damping, effort);
    },
  };
  return linear;
}
