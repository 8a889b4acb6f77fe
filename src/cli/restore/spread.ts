import type { Tile } from 'spgd';
import type { Merged } from './merge-samples';

/** Grey levels of 255 for a standard deviation of 1 on the [-1, 1] scale. */
const levelsOfOne = 127.5;

/** A pixel counts as invented where its 90 % interval is wider than this many grey levels each way. */
export const inventedBeyond = 25;

/** How far samples differ in a part of a picture. */
export interface RegionSpread extends Tile {
  /** Restored pixels. */
  readonly pixels: number;
  /** Mean standard deviation of a restored pixel, in grey levels of 255. */
  readonly mean: number;
  /** Share of restored pixels whose 90 % interval reaches more than `inventedBeyond` from the mean. */
  readonly invented: number;
}

/** Standard deviations of a picture in grey levels of 255, by their place. */
export const levelsAt =
  ({ deviation: { values, white } }: Pick<Merged, 'deviation'>) =>
  (at: number): number =>
    (values[at]! / white) * levelsOfOne;

/** The spread in a rectangle; `factor` makes half of a 90 % interval of a standard deviation. */
export function spreadIn(
  merged: Pick<Merged, 'deviation'>,
  box: Tile,
  factor: number,
): RegionSpread {
  const [, width] = merged.deviation.shape;
  const levels = levelsAt(merged);
  let [pixels, sum, invented] = [0, 0, 0];
  for (let row = box.top; row < box.top + box.height; row++)
    for (let at = row * width + box.left; at < row * width + box.left + box.width; at++) {
      const level = levels(at);
      if (level === 0) continue;
      pixels++;
      sum += level;
      if (factor * level > inventedBeyond) invented++;
    }
  const least = Math.max(1, pixels);
  return { ...box, pixels, mean: sum / least, invented: invented / least };
}

/** A round number of grey levels that 99 % of the restored pixels do not exceed. */
export function roundMost({ deviation }: Pick<Merged, 'deviation'>): number {
  const { values } = deviation;
  const counts = new Uint32Array(256);
  const levels = levelsAt({ deviation });
  let pixels = 0;
  for (let at = 0; at < values.length; at++) {
    if (values[at] === 0) continue;
    counts[Math.ceil(levels(at))]!++;
    pixels++;
  }
  let [below, level] = [counts[0]!, 0];
  while (below < 0.99 * pixels) below += counts[++level]!;
  return [2, 5, 10, 20, 30, 40, 60, 80].find((round) => level <= round) ?? 128;
}
