import { readPixels } from 'spgd/node';
import type { DamageMap } from 'spgd/tasks';
import { usageError } from './restore-options';

/** How strongly a pixel must be painted to count as missing, of 1. */
const threshold = 0.25;

/**
 * Which pixels a mask marks as missing: those painted. On a transparent layer that is what is not
 * transparent; on an opaque picture what is brighter than black, in any colour.
 */
export async function readMask(
  path: string,
  [height, width]: readonly [number, number],
  maxPixels?: number,
): Promise<DamageMap> {
  const { values, shape, white } = await readPixels(path, { maxPixels });
  const [maskHeight, maskWidth, channels] = shape;
  if (maskHeight !== height || maskWidth !== width)
    throw usageError(
      `the mask ${path} must be as large as the photo, ${width} x ${height}, ` +
        `got ${maskWidth} x ${maskHeight}`,
    );
  const count = height * width;
  const alpha = (at: number) => values[at * channels + channels - 1]!;
  const layer = channels % 2 === 0 && somewhere(count, (at) => alpha(at) < white);
  const painted = (at: number) => {
    if (layer) return alpha(at);
    const first = at * channels;
    return Math.max(...values.subarray(first, first + Math.min(3, channels)));
  };
  const missing = new Uint8Array(count);
  for (let at = 0; at < count; at++) missing[at] = painted(at) > threshold * white ? 1 : 0;
  const map = { missing, height, width };
  const marked = missingIn(map);
  if (marked > 0 && marked < count) return map;
  const how = 'paint what is missing in white on black, or in any colour on a transparent layer';
  throw usageError(`the mask ${path} marks ${marked ? 'every' : 'no'} pixel as missing; ${how}`);
}

function somewhere(count: number, holds: (at: number) => boolean): boolean {
  for (let at = 0; at < count; at++) if (holds(at)) return true;
  return false;
}

/** The number of missing pixels. */
export const missingIn = ({ missing }: DamageMap): number => {
  let count = 0;
  for (const one of missing) count += one;
  return count;
};
