import { estimateNoise, type NoiseEstimate } from 'spgd';
import type { BlurEstimate } from './estimate-blur';
import { estimateFreeBlur } from './estimate-free-blur';
import { luminance, type PhotoShape, photoBlur, photoParts } from './photo-blur';

/** What can be seen of the damage of a photo. */
export interface Diagnosis {
  /** Undefined where no block is whole and known. */
  readonly noise?: NoiseEstimate;
  /** Undefined where the photo is smaller than 64 x 64, or too little of it is known. */
  readonly blur?: BlurEstimate;
  /** Shares of pixels at the ends of the scale, in [0, 1]. */
  readonly clipped: {
    /** With a channel at the top of the scale. */
    readonly bright: number;
    /** With all channels at the bottom of the scale. */
    readonly dark: number;
  };
  /** All channels are equal. */
  readonly isGray: boolean;
}

/** Pixels that are looked at for clipping and colour, at most. */
const looked = 2 ** 18;

/** Clipped shares and colour, from pixels that lie evenly over the photo. */
function tones(values: ArrayLike<number>, [height, width, channels]: PhotoShape) {
  const pixels = height * width;
  const stride = Math.max(1, Math.floor(pixels / looked));
  let [count, bright, dark] = [0, 0, 0];
  let isGray = true;
  for (let pixel = 0; pixel < pixels; pixel += stride) {
    let [high, low] = [-Infinity, Infinity];
    for (let c = 0; c < channels; c++) {
      high = Math.max(high, values[pixel * channels + c]!);
      low = Math.min(low, values[pixel * channels + c]!);
    }
    count++;
    if (high >= 1) bright++;
    if (high <= -1) dark++;
    if (high - low > 0.02) isGray = false;
  }
  return { clipped: { bright: bright / count, dark: dark / count }, isGray };
}

/**
 * Looks at a photo and says what may be wrong with it: noise, blur, clipped tones. It takes the same time
 * for a photo of any size.
 *
 * @param values `[height, width, channels]` in [-1, 1] as plain numbers.
 * @param missing Pixels that are not looked at: 1 = missing, row by row.
 * @param errorStd Standard deviation of the errors of its compression: `errorLevel` of a JPEG.
 */
export function diagnose(
  values: ArrayLike<number>,
  shape: readonly [height: number, width: number, channels: number],
  missing?: Uint8Array,
  errorStd = 0,
): Diagnosis {
  const noise = estimateNoise(values, shape, missing);
  const blur = photoBlur(luminance(values, shape), missing, errorStd);
  return {
    ...(noise && { noise }),
    ...(blur && { blur }),
    ...tones(values, shape),
  };
}

/**
 * `diagnose`, and where no simple blur explains the photo, a search for one of any shape, which takes some seconds.
 * Parameters as of `diagnose`.
 */
export async function diagnoseBlur(
  values: ArrayLike<number>,
  shape: readonly [height: number, width: number, channels: number],
  missing?: Uint8Array,
  errorStd = 0,
): Promise<Diagnosis> {
  const diagnosis = diagnose(values, shape, missing, errorStd);
  const { blur } = diagnosis;
  if (!blur) return diagnosis;
  const { regions, noiseStd, grain } = photoParts(luminance(values, shape), missing);
  const found = await estimateFreeBlur(regions, noiseStd, errorStd, blur, grain);
  return { ...diagnosis, blur: found };
}
