import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import { checkSameShape } from '../check-image';
import type { GaussianNoise } from './noise';
import { squaredDistance } from './squared-distance';

/**
 * Gaussian noise, `y = A(x) + std * n`; its distance is `sum (predicted - y)²` of each item.
 *
 * @param std Standard deviation on the [-1, 1] scale, at least 0 (on [0, 1] it would be half of it).
 *
 * Throws `RangeError` for a negative std, and from `distance` for two shapes that differ.
 */
export function gaussianNoise(std: number): GaussianNoise {
  const valid = Number.isFinite(std) && std >= 0;
  checkRange(valid, 'gaussianNoise', 'std', 'a number >= 0', std);
  return {
    std,
    add: (clean, random) =>
      std === 0
        ? tf.clone(clean)
        : tf.tidy(() => tf.add(clean, tf.mul(random.normal(clean.shape), std)) as Tensor4D),
    distance(predicted, y) {
      checkSameShape('gaussianNoise', 'predicted', predicted, y);
      return squaredDistance(predicted, y);
    },
  };
}
