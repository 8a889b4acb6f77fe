import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { dampedInverse } from '../operators/damped-inverse';
import type { GaussianNoise } from '../operators/noise/noise';
import type { ProximalOperator, SolveEffort } from '../operators/operator';
import type { InverseProblem } from './sampler';

/** For a correction of the image: the next step makes up for what is left of it. */
const correctionEffort: SolveEffort = { error: 0.1, iterations: 30 };

/**
 * The mean of the image given y and `image`, which is it with noise of sigma. For a linear operator,
 * `argmin_z |y - A z|² + rho |z - image|²` with rho = std² / sigma² (rho 0: the nearest image that fits
 * y). The caller disposes it.
 */
export const proximalStep = (
  {
    operator,
    measurement,
    noise: { std },
  }: Pick<InverseProblem<ProximalOperator, GaussianNoise>, 'operator' | 'measurement' | 'noise'>,
  image: Tensor4D,
  sigma: number,
): Tensor4D =>
  tf.tidy(() => {
    if (!('solve' in operator)) return operator.conditionalMean(image, measurement, { std, sigma });
    const misfit = tf.sub<Tensor4D>(measurement, operator.forward(image));
    return tf.add(image, dampedInverse(operator, misfit, (std / sigma) ** 2, correctionEffort));
  });
