import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { readOnce } from '../internal/finite';
import type { Moments } from '../internal/moments';
import { type IntervalOptions, intervalFactor } from './interval';

/** A photo that is known, and what `posterior` made of its measurement. */
export interface RestoredPhoto extends Moments {
  /** The clean photo, `[1, height, width, channels]`. */
  readonly truth: Tensor4D;
  /**
   * The pixels that count: where it is not 0, `[1, height, width, 1 or channels]`. Of a photo with
   * missing pixels, the missing ones.
   * @default all
   */
  readonly where?: Tensor4D;
}

/** Distances of the truth from the mean in standard deviations; NaN where a pixel does not count. */
const distances = ({ truth, mean, std, where }: RestoredPhoto): Promise<Float32Array> =>
  readOnce(
    tf.tidy(() => {
      const ratio = tf.div<Tensor4D>(tf.abs(tf.sub(truth, mean)), tf.maximum(std, 1e-12));
      if (!where) return ratio;
      const counts = tf.broadcastTo(tf.notEqual(where, 0), ratio.shape);
      return tf.where(counts, ratio, Number.NaN);
    }),
  );

/** The numbers of all photos, each divided by `factorOf` its photo; sorted. */
async function allDistances(
  owner: string,
  photos: readonly RestoredPhoto[],
  factorOf: (photo: RestoredPhoto) => number,
): Promise<Float64Array> {
  const parts: number[][] = [];
  for (const photo of photos) {
    const factor = factorOf(photo);
    const found = Array.from(await distances(photo)).filter((one) => !Number.isNaN(one));
    parts.push(found.map((one) => one / factor));
  }
  const all = Float64Array.from(parts.flat()).sort();
  checkRange(all.length > 0, owner, 'photos', 'at least one pixel that counts', all.length);
  return all;
}

/**
 * The share of pixels whose true value lies in its credible interval: `level`, where the interval is
 * calibrated.
 *
 * @throws RangeError for no pixels, and as `intervalFactor`.
 */
export async function coverage(
  photos: readonly RestoredPhoto[],
  options: IntervalOptions = {},
): Promise<number> {
  const factorOf = ({ count }: RestoredPhoto) => intervalFactor(count, options);
  const all = await allDistances('coverage', photos, factorOf);
  return all.filter((one) => one <= 1).length / all.length;
}

/**
 * The `scale` of credible intervals with which they hold the share `level` of the pixels of known
 * photos: split conformal prediction with the distance in standard deviations as the score. Find it
 * for each task and sampler, on photos that the model was not trained on; the settings of a model
 * store it as `intervalScale`.
 *
 * Pixels of one photo are not independent, so on other photos the coverage is near `level`, not equal
 * to it: test it with `coverage` on photos that were not used here.
 *
 * @throws RangeError for no pixels, and as `intervalFactor`.
 *
 * Reference: Lei et al., "Distribution-Free Predictive Inference for Regression", 2018.
 */
export async function calibrate(
  photos: readonly RestoredPhoto[],
  { level = 0.9 }: Pick<IntervalOptions, 'level'> = {},
): Promise<number> {
  const factorOf = ({ count }: RestoredPhoto) => intervalFactor(count, { level });
  const all = await allDistances('calibrate', photos, factorOf);
  return all[Math.min(all.length, Math.ceil(level * (all.length + 1))) - 1]!;
}
