import { estimateNoise, type NoiseEstimate, type Tile } from 'spgd';
import type { Pixels } from 'spgd/node';
import { cropDamage, type DamageMap, noiseKind, removalLevel } from 'spgd/tasks';
import { centreOf, isGray, valuesOf } from './photo-pixels';

/** Noise of a measurement on the [-1, 1] scale, and where the number comes from. */
export interface PhotoNoise {
  readonly std: number;
  readonly source: string;
  /** The noise that its channels share, where it is more than `std`; see `independentChannels`. */
  readonly sharedStd?: number;
  /** What a person should know of it. */
  readonly note?: string;
}

/** The noise of an 8-bit file is never smaller than its rounding. */
const leastNoise = 0.0025;

/**
 * Nor is that of a JPEG smaller than the errors of its compression, which no estimate sees: 0.02 to
 * 0.04 at the qualities that cameras use.
 */
const leastLossyNoise = 0.03;

/** Confidence below which an estimate of noise is doubted. */
const trusted = 0.8;

/** Pixels that say nothing of the noise: missing, or not opaque. */
function unseen(photo: Pixels, box: Tile, map?: DamageMap): Uint8Array | undefined {
  const [, width, stored] = photo.shape;
  const missing = map && cropDamage(map, box).missing;
  if (stored % 2) return missing;
  const marked = missing ?? new Uint8Array(box.height * box.width);
  for (let at = 0; at < marked.length; at++) {
    const [row, column] = [Math.floor(at / box.width), at % box.width];
    const pixel = (box.top + row) * width + box.left + column;
    if (photo.values[pixel * stored + stored - 1]! < photo.white) marked[at] = 1;
  }
  return marked;
}

/**
 * What is looked at of a photo, as `estimateNoise` and `diagnose` take it: its middle, where it is large,
 * with one channel where it has no colours.
 */
export function lookedAt(
  photo: Pixels,
  map?: DamageMap,
): [values: Float32Array, shape: [number, number, 1 | 3], missing: Uint8Array | undefined] {
  const box = centreOf(photo);
  const channels = isGray(photo) ? 1 : 3;
  const values = valuesOf(photo, box, channels);
  return [values, [box.height, box.width, channels], unseen(photo, box, map)];
}

/** Whether the noise of a photo is more than that of its format, and the level at which to remove it. */
export function judgeNoise(
  estimate: NoiseEstimate | undefined,
  isLossy: boolean,
): PhotoNoise & { readonly isFound: boolean } {
  const least = isLossy ? leastLossyNoise : leastNoise;
  if (!estimate || estimate.std < least) {
    const floor = isLossy ? 'the least of a JPEG' : 'the least of 8 bits';
    const why = 'not estimated, since no 8 x 8 pixels are known and opaque';
    return { std: least, source: estimate ? floor : `${floor}: ${why}`, isFound: false };
  }
  const found = { source: 'estimated', isFound: true };
  const { std, sharedStd, signalDependent, confidence } = estimate;
  const kind = noiseKind(estimate);
  if (kind === 'correlated') {
    const level = removalLevel(estimate);
    const factor = (level / std).toFixed(1);
    const note = `the grain is larger than a pixel: noise of ${std.toFixed(4)} is treated as ${factor} times as strong`;
    return { ...found, std: level, note };
  }
  if (kind === 'shared')
    return { ...found, std, sharedStd, note: 'the noise is more of brightness than of colour' };
  if (signalDependent)
    return { ...found, std, note: 'the noise grows with brightness; its mean is used' };
  if (confidence < trusted)
    return { ...found, std, note: 'fine texture may pass for noise here: check --noise-std' };
  return { ...found, std };
}

/** The noise of a photo, estimated from its known pixels; `isFound` where it exceeds that of its file. */
export function photoNoise(
  photo: Pixels,
  isLossy: boolean,
  map?: DamageMap,
): PhotoNoise & { readonly isFound: boolean } {
  return judgeNoise(estimateNoise(...lookedAt(photo, map)), isLossy);
}
