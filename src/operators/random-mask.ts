import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkRange } from '../internal/check';
import { checkSeed, uniformGenerator } from '../internal/random';

/** Options of `randomMask`. */
export interface RandomMaskOptions {
  /** Height of the image in pixels. */
  height: number;
  /** Width of the image in pixels. */
  width: number;
  /**
   * Fraction of the pixels that are missing, in [0, 1].
   * @default 0.8
   */
  missing?: number;
  /**
   * Any integer; the same seed gives the same mask.
   * @default 0
   */
  seed?: number;
  /**
   * 1: all channels of a pixel are missing together. More: each channel drops pixels of its own.
   * @default 1
   */
  channels?: number;
}

/** The first `count` places of a random permutation of `0 … total - 1` (Fisher and Yates). */
function choose(count: number, total: number, uniform: () => number): Uint32Array {
  const places = Uint32Array.from({ length: total }, (_, place) => place);
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(uniform() * (total - i));
    const chosen = places[other]!;
    places[other] = places[i]!;
    places[i] = chosen;
  }
  return places.subarray(0, count);
}

/**
 * A mask of missing pixels: `[1, height, width, channels]`, 1 = known and 0 = missing.
 *
 * Exactly `round(missing * height * width)` pixels are missing, in each channel. The caller disposes
 * it. Throws `RangeError` for sizes that are no positive integers and a fraction outside [0, 1].
 */
export function randomMask(options: RandomMaskOptions): Tensor4D {
  const { height, width, missing = 0.8, seed = 0, channels = 1 } = options;
  checkInteger('randomMask', 'height', height, 1);
  checkInteger('randomMask', 'width', width, 1);
  checkInteger('randomMask', 'channels', channels, 1);
  const valid = missing >= 0 && missing <= 1;
  checkRange(valid, 'randomMask', 'missing', 'a number in [0, 1]', missing);
  checkSeed('randomMask', 'seed', seed);
  const uniform = uniformGenerator('mask', seed);
  const pixels = height * width;
  const values = new Float32Array(pixels * channels).fill(1);
  for (let channel = 0; channel < channels; channel++)
    for (const pixel of choose(Math.round(missing * pixels), pixels, uniform))
      values[pixel * channels + channel] = 0;
  return tf.tensor4d(values, [1, height, width, channels]);
}
