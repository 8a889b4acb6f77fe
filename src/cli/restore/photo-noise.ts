import { estimateNoise, type Tile } from 'spgd';
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

/** Pixels that say nothing of the noise: missing, or not opaque. */
function unseen(photo: Pixels, box: Tile, map?: DamageMap): Uint8Array | undefined {
  const [, width, stored] = photo.shape;
  const missing = map && cropMap(map, box).missing;
  if (stored % 2) return missing;
  const marked = missing ?? new Uint8Array(box.height * box.width);
  for (let at = 0; at < marked.length; at++) {
    const [row, column] = [Math.floor(at / box.width), at % box.width];
    const pixel = (box.top + row) * width + box.left + column;
    if (photo.values[pixel * stored + stored - 1]! < photo.white) marked[at] = 1;
  }
  return marked;
}

/** The noise of a photo, estimated from its known pixels; `isFound` where it is more than its file's. */
export function photoNoise(
  photo: Pixels,
  isLossy: boolean,
  map?: DamageMap,
): PhotoNoise & { readonly isFound: boolean } {
  const box = centreOf(photo);
  const shape = [box.height, box.width, coloursOf(photo)] as const;
  const missing = unseen(photo, box, map);
  const std = estimateNoise(valuesOf(photo, box), shape, missing) ?? 0;
  const least = isLossy ? leastLossyNoise : leastNoise;
  if (std >= least) return { std, source: 'estimated', isFound: true };
  const source = isLossy ? 'the least of a JPEG' : 'the least of 8 bits';
  return { std: least, source, isFound: false };
}
