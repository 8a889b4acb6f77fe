import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import { checkSameShape } from '../check-image';
import type { GaussianNoise } from './noise';
import { squaredDistance } from './squared-distance';

/**
 * Gaussian noise, `y = A(x) + std n`.
 *
 * Its residual is `sum (predicted - y)²` of each item, its negative log-likelihood the residual
 * divided by `2 std²`.
 *
 * @param std Standard deviation on the [-1, 1] scale, at least 0 (on [0, 1] it would be half of it).
 *
 * @throws RangeError for a negative std, for two shapes that differ, and for the negative
 * log-likelihood with std 0.
 */
export function gaussianNoise(std: number): GaussianNoise {
  const valid = Number.isFinite(std) && std >= 0;
  checkRange(valid, 'gaussianNoise', 'std', 'a number >= 0', std);
  const residual = (predicted: Tensor4D, y: Tensor4D) => {
    checkSameShape('gaussianNoise', 'predicted', predicted, y);
    return squaredDistance(predicted, y);
  };
  return {
    std,
    add: (clean, random) =>
      std === 0
        ? tf.clone(clean)
        : tf.tidy(() => tf.add(clean, tf.mul(random.normal(clean.shape), std)) as Tensor4D),
    residual,
    negLogLikelihood(predicted, y) {
      checkRange(std > 0, 'gaussianNoise', 'std', '> 0 for a negative log-likelihood', std);
      return tf.tidy(() => tf.div(residual(predicted, y), 2 * std ** 2));
    },
  };
}
