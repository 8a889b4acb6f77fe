import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { LinearOperator } from '../operators/operator';
import type { InverseProblem } from './sampler';

/**
 * x moved so that its measurement differs from y by no more than the noise can: `x + A⁺(c - A x)`,
 * c the nearest to `A x` within the bound. x as it is where the noise has no bound. The
 * caller disposes it.
 */
export function withinBound(
  { operator, measurement, noise: { bound } }: Omit<InverseProblem, 'denoiser'>,
  x: Tensor4D,
): Tensor4D {
  const { pseudoInverse } = operator as LinearOperator;
  if (bound === undefined || !pseudoInverse) return tf.clone(x);
  return tf.tidy(() => {
    const predicted = operator.forward(x);
    const nearest = tf.minimum(
      tf.maximum(predicted, tf.sub(measurement, bound)),
      tf.add(measurement, bound),
    );
    return tf.add<Tensor4D>(x, pseudoInverse(tf.sub<Tensor4D>(nearest, predicted)));
  });
}
