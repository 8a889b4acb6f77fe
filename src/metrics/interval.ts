import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkPositive, checkRange } from '../internal/check';
import type { Moments } from '../internal/moments';
import { studentT } from '../internal/student-t';

/** Options of `credibleInterval`. */
export interface IntervalOptions {
  /**
   * The share of pixels whose true value lies in the interval, in (0, 1).
   * @default 0.9
   */
  level?: number;
  /**
   * What `calibrate` found for the task and the sampler: factor on the spread of the samples, > 0.
   * @default 1
   */
  scale?: number;
}

/**
 * Half the width of a credible interval, in standard deviations of n samples:
 * `scale sqrt(1 + 1/n) t`, with t the quantile of Student's distribution of n - 1 degrees of freedom.
 * With `scale` 1 the interval is exact, for every n, where posterior and samples are Gaussian.
 *
 * @throws RangeError for fewer than two samples, and for an option out of range.
 */
export function intervalFactor(count: number, { level = 0.9, scale = 1 }: IntervalOptions = {}) {
  checkInteger('intervalFactor', 'count', count, 2);
  checkRange(level > 0 && level < 1, 'intervalFactor', 'level', 'in (0, 1)', level);
  checkPositive('intervalFactor', 'scale', scale);
  return scale * Math.sqrt(1 + 1 / count) * studentT(level, count - 1);
}

/**
 * The credible interval of each pixel, `mean ± factor std`, from what `posterior` gives. The caller
 * disposes both images.
 *
 * @throws as `intervalFactor`.
 */
export function credibleInterval(
  { count, mean, std }: Moments,
  options: IntervalOptions = {},
): { lower: Tensor4D; upper: Tensor4D } {
  const factor = intervalFactor(count, options);
  const [lower, upper] = tf.tidy(() => {
    const half = tf.mul(std, factor);
    return [tf.sub<Tensor4D>(mean, half), tf.add<Tensor4D>(mean, half)];
  });
  return { lower: lower!, upper: upper! };
}
