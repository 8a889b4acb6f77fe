import { estimateNoise } from 'spgd';
import type { Pixels } from 'spgd/node';
import { centreOf, coloursOf, valuesOf } from './photo-pixels';
import { cropMap, type DamageMap } from './regions';

/** Noise of a measurement on the [-1, 1] scale, and where the number comes from. */
export interface PhotoNoise {
  readonly std: number;
  readonly source: string;
}

/** The noise of an 8-bit file is never smaller than its rounding. */
const leastNoise = 0.0025;

/**
 * Nor is that of a JPEG smaller than the errors of its compression, which no estimate sees: 0.02 to
 * 0.04 at the qualities that cameras use.
 */
const leastLossyNoise = 0.03;

/** The noise of a photo, estimated from its known pixels; `isFound` where it is more than its file's. */
export function photoNoise(
  photo: Pixels,
  isLossy: boolean,
  map?: DamageMap,
): PhotoNoise & { readonly isFound: boolean } {
  const box = centreOf(photo);
  const shape = [box.height, box.width, coloursOf(photo)] as const;
  const missing = map && cropMap(map, box).missing;
  const std = estimateNoise(valuesOf(photo, box), shape, missing) ?? 0;
  const least = isLossy ? leastLossyNoise : leastNoise;
  if (std >= least) return { std, source: 'estimated', isFound: true };
  const source = isLossy ? 'the least of a JPEG' : 'the least of 8 bits';
  return { std: least, source, isFound: false };
}
