import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { dampedInverse } from '../operators/damped-inverse';
import type { SolvableOperator } from '../operators/operator';
import type { InverseProblem } from './sampler';

/**
 * `argmin_z |y - A z|² + rho |z - image|²` in closed form; with rho 0, the nearest image that fits y.
 * The caller disposes it.
 */
export const proximalStep = (
  { operator, measurement }: Pick<InverseProblem<SolvableOperator>, 'operator' | 'measurement'>,
  image: Tensor4D,
  rho: number,
): Tensor4D =>
  tf.tidy(() => {
    const misfit = tf.sub<Tensor4D>(measurement, operator.forward(image));
    return tf.add(image, dampedInverse(operator, misfit, rho));
  });
