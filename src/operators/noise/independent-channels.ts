import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../../internal/check';
import { noiseBetween } from '../../internal/noise-between';

/** Options of `independentChannels`. */
export interface IndependentChannelsOptions {
  /** Standard deviation of a pixel in each channel, > 0. */
  std: number;
  /** That of the sum of the channels, divided by the root of their number: >= std, see `NoiseEstimate`. */
  sharedStd: number;
  /**
   * Any integer; the same seed gives the same noise.
   * @default 0
   */
  seed?: number;
}

/**
 * Makes the noise of the channels of a measurement independent, of standard deviation `sharedStd` in
 * each, by noise between them that leaves their mean as it is.
 *
 * A prior of colours knows independent noise. Noise that the channels share looks like texture to it,
 * and most of it would stay: compression with few colours leaves such noise.
 *
 * @param measurement `[batch, height, width, channels]`.
 * @throws RangeError for an option out of range.
 */
export function independentChannels(
  measurement: Tensor4D,
  { std, sharedStd, seed = 0 }: IndependentChannelsOptions,
): Tensor4D {
  const owner = 'independentChannels';
  checkPositive(owner, 'std', std);
  checkRange(sharedStd >= std, owner, 'sharedStd', 'at least std', sharedStd);
  const n = measurement.shape[3];
  // Of n directions, one holds the shared noise, and the others the rest of the variance.
  const rest = Math.max(0, n * std ** 2 - sharedStd ** 2) / Math.max(1, n - 1);
  const added = Math.sqrt(Math.max(0, sharedStd ** 2 - rest));
  return tf.tidy(() => tf.add(measurement, noiseBetween(measurement.shape, added, seed)));
}
