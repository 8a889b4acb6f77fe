import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { SolvableOperator, SolveEffort } from './operator';

/**
 * `A' (A A' + damping I)⁻¹ r`, and `A⁺ r` without damping: how an image must change for its
 * measurement to change by r. It is `solve(A'r, damping)`; singular values, where they are known,
 * keep rounding in A'r from being divided by a small damping. `effort` as in `solve`. The caller disposes
 * the result.
 */
export function dampedInverse(
  operator: SolvableOperator,
  residual: Tensor4D,
  damping: number,
  effort?: SolveEffort,
): Tensor4D {
  const { spectrum, imageShape } = operator;
  if (damping === 0) return operator.pseudoInverse(residual);
  return tf.tidy(() => {
    if (!spectrum) return operator.solve(operator.adjoint(residual), damping, effort);
    const s = spectrum.values(imageShape?.(residual.shape) ?? residual.shape);
    const gain = tf.div<Tensor4D>(s, tf.add(tf.square(s), damping));
    return spectrum.synthesize(tf.mul(spectrum.analyzeMeasurement(residual), gain));
  });
}
