import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Solvers } from './conjugate-gradient';
import type { Shape4D, Spectrum } from './operator';

/** A singular value below this share of the largest one of its item counts as 0 where it divides. */
const negligible = 1e-4;

/** `1 / s`, and 0 where s is 0 or less than 1e-4 of the largest. The caller disposes it. */
export const inverseValues = (values: Tensor4D): Tensor4D =>
  tf.tidy(() => {
    const least = tf.mul(tf.max(values, [1, 2, 3], true), negligible);
    return tf.divNoNan(tf.cast(tf.greater(values, least), 'float32'), values) as Tensor4D;
  });

/** The exact `solve` and `pseudoInverse` of an operator whose singular values are known. */
export function spectralSolvers(
  { values, analyze, synthesize, analyzeMeasurement }: Spectrum,
  imageShape: (measurement: Shape4D) => Shape4D = (shape) => shape,
): Solvers {
  return {
    solve: (b, damping) =>
      tf.tidy(() => {
        const eigenvalues = tf.add(tf.square(values(b.shape)), damping);
        return synthesize(tf.div(analyze(b), eigenvalues));
      }),
    pseudoInverse: (y) =>
      tf.tidy(() => {
        const inverse = inverseValues(values(imageShape(y.shape)));
        return synthesize(tf.mul(analyzeMeasurement(y), inverse));
      }),
  };
}
