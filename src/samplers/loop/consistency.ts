import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { readOnce } from '../../internal/finite';
import { gaussianNoise } from '../../operators/noise/gaussian-noise';
import type { InverseProblem } from '../sampler';
import type { ProblemOptions } from './run';

/** How far `A(x)` lies from what was measured, against the noise. */
export interface Consistency {
  /** Root mean square of `A(x) - y` over the measured values, on the [-1, 1] scale. */
  readonly rms: number;
  /** Number of measured values. */
  readonly values: number;
  /**
   * The residual against its expected value, `2 negLogLikelihood / values` (reduced chi-square): about
   * 1 for the true image and for a draw from the posterior, less for an estimate that follows the
   * noise. Undefined without noise.
   */
  readonly chiSquare?: number;
  /** Whether the image explains the measurement: `chiSquare <= limit`. Undefined without noise. */
  readonly explains?: boolean;
  /** The largest `chiSquare` that explains a measurement. */
  readonly limit: number;
}

/** A noise that was assumed a fifth too small is no reason to reject an image: 1.2² is 1.44. */
const tolerated = 1.5;

/** The largest reduced chi-square that counts as an explanation: four standard deviations, or more. */
const chiSquareLimit = (values: number): number =>
  Math.max(tolerated, 1 + 4 * Math.sqrt(2 / values));

/** The verdict on sums over values: squared distance, and twice the negative log-likelihood. */
export function consistencyOf(
  values: number,
  squares: number,
  deviance: number | undefined,
): Consistency {
  const limit = chiSquareLimit(values);
  const chiSquare = deviance === undefined ? undefined : deviance / values;
  return {
    rms: Math.sqrt(squares / values),
    values,
    limit,
    ...(chiSquare !== undefined && { chiSquare, explains: chiSquare <= limit }),
  };
}

/** One answer for several images, or for the parts of one, each with the weight of its values. */
export function joinConsistency(parts: readonly Consistency[]): Consistency {
  const sum = (of: (part: Consistency) => number) => parts.reduce((all, part) => all + of(part), 0);
  const isNoisy = parts.every(({ chiSquare }) => chiSquare !== undefined);
  return consistencyOf(
    sum(({ values }) => values),
    sum(({ values, rms }) => values * rms ** 2),
    isNoisy ? sum(({ values, chiSquare }) => values * chiSquare!) : undefined,
  );
}

/**
 * Compares images with the measurement that they must explain: one answer an item.
 *
 * `images` is `[batch, height, width, channels]`; a measurement of one item is compared with all.
 */
export async function consistency(
  problem: Omit<ProblemOptions<InverseProblem>, 'denoiser'>,
  images: Tensor4D,
): Promise<Consistency[]> {
  const { operator, measurement, noise = gaussianNoise(0) } = problem;
  const isNoisy = noise.std !== 0;
  const sums = tf.tidy(() => {
    const observed = operator.observed?.(measurement) ?? measurement;
    const [batch] = images.shape;
    const y = observed.shape[0] === batch ? observed : tf.tile(observed, [batch, 1, 1, 1]);
    const predicted = operator.forward(images);
    const ones = tf.onesLike(y);
    const counted = tf.cast(tf.notEqual(operator.observed?.(ones) ?? ones, 0), 'float32');
    const parts: Tensor1D[] = [
      tf.sum(counted, [1, 2, 3]),
      noise.residual(predicted, y),
      ...(isNoisy ? [tf.mul<Tensor1D>(noise.negLogLikelihood(predicted, y), 2)] : []),
    ];
    return tf.stack(parts, 1);
  });
  const width = sums.shape[1]!;
  const numbers = await readOnce(sums);
  return Array.from({ length: images.shape[0] }, (_, item) => {
    const [values, squares, deviance] = numbers.subarray(item * width, (item + 1) * width);
    return consistencyOf(values!, squares!, deviance);
  });
}
