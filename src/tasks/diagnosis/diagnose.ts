import { estimateNoise, type NoiseEstimate } from 'spgd';
import { type BlurEstimate, estimateBlur } from './estimate-blur';
import { estimateFreeBlur } from './estimate-free-blur';
import type { GrayImage } from './gray-image';

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

/** Side of the windows that are looked at for blur, and how many there are along each axis at most. */
const [side, most] = [256, 3] as const;

/** Pixels that are looked at for clipping and colour, at most. */
const looked = 2 ** 18;

type Shape = readonly [height: number, width: number, channels: number];

/** The share of red, green and blue in the luminance of a JPEG, which it stores at full size, unlike the colours. */
export const lumaWeights = [0.299, 0.587, 0.114] as const;

/** The luminance of each pixel. */
function luminance(values: ArrayLike<number>, [height, width, channels]: Shape): GrayImage {
  const weights = channels === 3 ? lumaWeights : Array<number>(channels).fill(1 / channels);
  const result = new Float32Array(height * width);
  for (let pixel = 0; pixel < result.length; pixel++)
    for (let c = 0; c < channels; c++)
      result[pixel]! += weights[c]! * values[pixel * channels + c]!;
  return { values: result, height, width };
}

/** Windows that lie evenly over the photo, without those that show what is missing. */
function windowsOf({ values, height, width }: GrayImage, missing?: Uint8Array): GrayImage[] {
  const starts = (length: number) => {
    const count = Math.min(most, Math.ceil(length / side));
    const last = Math.max(0, length - side);
    return Array.from({ length: count }, (_, i) =>
      Math.round(count === 1 ? last / 2 : (i * last) / (count - 1)),
    );
  };
  const [rows, columns] = [Math.min(side, height), Math.min(side, width)];
  return starts(height).flatMap((top) =>
    starts(width).flatMap((left) => {
      const gray = new Float32Array(rows * columns);
      for (let at = 0; at < gray.length; at++) {
        const pixel = (top + Math.floor(at / columns)) * width + left + (at % columns);
        if (missing?.[pixel]) return [];
        gray[at] = values[pixel]!;
      }
      return [{ values: gray, height: rows, width: columns }];
    }),
  );
}

/** The quarters of an image. */
const quarters = ({ values, height, width }: GrayImage): GrayImage[] => {
  const [rows, columns] = [height >> 1, width >> 1];
  return [0, height - rows].flatMap((top) =>
    [0, width - columns].map((left) => ({
      values: Float32Array.from(
        { length: rows * columns },
        (_, at) => values[(top + Math.floor(at / columns)) * width + left + (at % columns)]!,
      ),
      height: rows,
      width: columns,
    })),
  );
};

/** Parts of a photo whose blur is compared: a few windows, or the quarters of one that is large enough. */
function regionsOf(windows: readonly GrayImage[]): readonly GrayImage[] {
  const isFew = windows.length <= 2;
  return windows.flatMap((one) =>
    isFew && Math.min(one.height, one.width) >= side ? quarters(one) : [one],
  );
}

/** Clipped shares and colour, from pixels that lie evenly over the photo. */
function tones(values: ArrayLike<number>, [height, width, channels]: Shape) {
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
  const blur = estimateBlur(...sharpnessOf(values, shape, missing), errorStd);
  return {
    ...(noise && { noise }),
    ...(blur && { blur }),
    ...tones(values, shape),
  };
}

/** Regions of the luminance, and its noise. */
function sharpnessOf(
  values: ArrayLike<number>,
  shape: Shape,
  missing?: Uint8Array,
): [regions: readonly GrayImage[], noiseStd: number] {
  const luma = luminance(values, shape);
  const noise = estimateNoise(luma.values, [luma.height, luma.width, 1], missing);
  return [regionsOf(windowsOf(luma, missing)), noise?.std ?? 0];
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
  const [regions, noiseStd] = sharpnessOf(values, shape, missing);
  const found = await estimateFreeBlur(regions, noiseStd, errorStd, blur);
  return { ...diagnosis, blur: found };
}
