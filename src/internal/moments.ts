import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** Mean and standard deviation of each pixel over samples of one image. */
export interface Moments {
  /** Number of samples. */
  readonly count: number;
  /** Mean, `[1, height, width, channels]`. */
  readonly mean: Tensor4D;
  /** Standard deviation, with `count - 1` in the denominator, of the same shape. */
  readonly std: Tensor4D;
}

/** Running sums of `Moments`: memory does not grow with the number of samples. */
export interface RunningMoments {
  /** Number of images. */
  readonly count: number;
  /** Their mean, `[1, height, width, channels]`. */
  readonly mean: Tensor4D;
  /** Sum of squared distances from the mean. */
  readonly squares: Tensor4D;
}

/**
 * The moments with one more image; those of no image are zeros. The caller owns the result, and still
 * what it gave.
 *
 * Reference: Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products", 1962.
 */
export function addToMoments(
  { count, mean, squares }: RunningMoments,
  x: Tensor4D,
): RunningMoments {
  const [next, sum] = tf.tidy(() => {
    const away = tf.sub<Tensor4D>(x, mean);
    const next = tf.add<Tensor4D>(mean, tf.div(away, count + 1));
    return [next, tf.add<Tensor4D>(squares, tf.mul(away, tf.sub(x, next)))];
  });
  return { count: count + 1, mean: next!, squares: sum! };
}

/** The standard deviation over at least two images. */
export const momentsStd = ({
  count,
  squares,
}: Pick<RunningMoments, 'count' | 'squares'>): Tensor4D =>
  tf.tidy(() => tf.sqrt(tf.div<Tensor4D>(tf.maximum(squares, 0), count - 1)));
