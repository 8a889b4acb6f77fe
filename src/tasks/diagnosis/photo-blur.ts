import { estimateNoise } from 'spgd';
import type { Blur, SimpleBlur } from './blur';
import { sizeRange } from './candidates';
import { type BlurEstimate, estimateBlur, leastEvidence } from './estimate-blur';
import type { GrayImage } from './gray-image';
import { noiseKind } from './noise-kind';

/** Side of the windows that are looked at for blur, and how many there are along each axis at most. */
const [side, most] = [256, 3] as const;

/** Of a photo. */
export type PhotoShape = readonly [height: number, width: number, channels: number];

/** The share of red, green and blue in the luminance of a JPEG, which it stores at full size, unlike the colours. */
export const lumaWeights = [0.299, 0.587, 0.114] as const;

/** The luminance of each pixel. */
export function luminance(
  values: ArrayLike<number>,
  [height, width, channels]: PhotoShape,
): GrayImage {
  const result = new Float32Array(height * width);
  if (channels === 3) {
    const [red, green, blue] = lumaWeights;
    for (let pixel = 0, at = 0; pixel < result.length; pixel++, at += 3)
      result[pixel] = red * values[at]! + green * values[at + 1]! + blue * values[at + 2]!;
  } else
    for (let at = 0; at < result.length * channels; at++)
      result[Math.floor(at / channels)]! += values[at]! / channels;
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

/** The parts of a photo that are looked at, and their noise as `estimateBlur` takes it. */
export interface PhotoParts {
  readonly regions: readonly GrayImage[];
  readonly noiseStd: number;
  readonly grain?: ArrayLike<number>;
}

/** Looks at parts of a photo. */
export function photoParts(luma: GrayImage, missing?: Uint8Array): PhotoParts {
  const noise = estimateNoise(luma.values, [luma.height, luma.width, 1], missing);
  const regions = regionsOf(windowsOf(luma, missing));
  if (!noise) return { regions, noiseStd: 0 };
  const { std, spectrum } = noise;
  return { regions, noiseStd: std, ...(noiseKind(noise) === 'correlated' && { grain: spectrum! }) };
}

/** The means of squares of 2 x 2 pixels. */
function halved({ values, height, width }: GrayImage): GrayImage {
  const [rows, columns] = [height >> 1, width >> 1];
  const small = new Float32Array(rows * columns);
  for (let at = 0; at < small.length; at++) {
    const corner = 2 * Math.floor(at / columns) * width + 2 * (at % columns);
    small[at] =
      (values[corner]! +
        values[corner + 1]! +
        values[corner + width]! +
        values[corner + width + 1]!) /
      4;
  }
  return { values: small, height: rows, width: columns };
}

/** Squares of 2 x 2 pixels of which one is missing. */
const halvedMask = (missing: Uint8Array, { height, width }: GrayImage): Uint8Array =>
  Uint8Array.from(halved({ values: Float32Array.from(missing), height, width }).values, (share) =>
    share > 0 ? 1 : 0,
  );

/** A blur larger than half the largest that windows tell may be a larger one. */
const isLarge = (blur: Blur | undefined): boolean =>
  !!blur && blur.kind !== 'free' && blur.size >= 0.5 * sizeRange[blur.kind][1];

/** Least side of a photo that is looked at again, reduced by half. */
const leastHalved = 256;

/** The same blur in a photo that is twice as large. */
const doubled = ({ blur, cautious, ...rest }: BlurEstimate): BlurEstimate => {
  const twice = (one: SimpleBlur): SimpleBlur => ({ ...one, size: 2 * one.size });
  return { ...rest, blur: twice(blur as SimpleBlur), cautious: twice(cautious as SimpleBlur) };
};

/**
 * The simple blur of a photo. Windows do not tell lines longer than 26 pixels, and take them for shorter ones, so that
 * where a large blur is found, or one that is not sure, the photo is looked at again, reduced by half.
 *
 * @param missing Pixels that are not looked at: 1 = missing.
 * @param errorStd Standard deviation of the errors of its compression.
 */
export function photoBlur(
  luma: GrayImage,
  missing?: Uint8Array,
  errorStd = 0,
): BlurEstimate | undefined {
  const look = (image: GrayImage, unseen?: Uint8Array) => {
    const { regions, noiseStd, grain } = photoParts(image, unseen);
    return estimateBlur(regions, noiseStd, errorStd, grain);
  };
  const near = look(luma, missing);
  if (!near?.blur || Math.min(luma.height, luma.width) < leastHalved) return near;
  const isSharp = !near.isBlurred && near.evidence < leastEvidence;
  if (isSharp || (near.isBlurred && !isLarge(near.blur))) return near;
  const far = look(halved(luma), missing && halvedMask(missing, luma));
  return far?.isBlurred && isLarge(doubled(far).blur) ? doubled(far) : near;
}
