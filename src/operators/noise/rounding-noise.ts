import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkSameShape } from '../check-image';
import type { GaussianNoise } from './noise';
import { squaredDistance } from './squared-distance';

/** A step whose rounding has the standard deviation 1. */
const step = Math.sqrt(12);

/**
 * Rounding to multiples of `sqrt(12)`, as `jpeg` measures: an error of standard deviation 1 that is
 * never larger than `sqrt(3)`. A run ends with an image whose measurement lies within that of y.
 *
 * Its residual is `sum (predicted - y)²`; its negative log-likelihood is that of Gaussian noise of the
 * same standard deviation, half of the residual, which is differentiable where the exact one is not.
 *
 * @throws RangeError for two shapes that differ.
 */
export function roundingNoise(): GaussianNoise & Required<Pick<GaussianNoise, 'bound'>> {
  const residual = (predicted: Tensor4D, y: Tensor4D) => {
    checkSameShape('roundingNoise', 'predicted', predicted, y);
    return squaredDistance(predicted, y);
  };
  return {
    std: 1,
    bound: step / 2,
    add: (clean) => tf.tidy(() => tf.mul(tf.round(tf.div(clean, step)), step) as Tensor4D),
    residual,
    negLogLikelihood: (predicted, y) => tf.tidy(() => tf.div(residual(predicted, y), 2)),
  };
}
