/** How tiles of one length cover one axis of an image. */
export interface TileAxis {
  /** Length of the axis once it is padded to hold a tile. */
  readonly padded: number;
  /** Length of a tile. */
  readonly size: number;
  /** Where each tile begins. */
  readonly starts: readonly number[];
  /** The weights along each tile; at every place of the axis they add up to 1. */
  readonly weights: readonly Float32Array[];
}

/** The tiles to lay along an axis. */
export interface TileAxisOptions {
  /** Largest length of a tile. */
  readonly size: number;
  /** The least number of pixels that neighbours share. */
  readonly overlap: number;
  /** Tiles may be shorter than `size`, by steps of this; null where `size` is the only length. */
  readonly multipleOf: number | null;
}

/** A bump that rises over `overlap` pixels from both ends, nowhere 0. */
function bump(position: number, size: number, overlap: number): number {
  const inside = Math.min(position, size - 1 - position) + 0.5;
  return Math.sin((Math.PI / 2) * Math.min(1, inside / overlap)) ** 2;
}

/**
 * Spreads as few tiles as possible evenly over an axis, and makes them no longer than they need be; a
 * short axis gets one tile.
 */
export function tileAxis(length: number, options: TileAxisOptions): TileAxis {
  const { overlap, multipleOf } = options;
  const count = Math.max(1, Math.ceil((length - overlap) / (options.size - overlap)));
  const fitting = (length + (count - 1) * overlap) / count;
  const least = multipleOf === null ? options.size : Math.ceil(fitting / multipleOf) * multipleOf;
  const size = Math.min(options.size, least);
  const padded = Math.max(length, size);
  const starts = Array.from({ length: count }, (_, i) =>
    count === 1 ? 0 : Math.round((i * (padded - size)) / (count - 1)),
  );
  const sums = new Float64Array(padded);
  const bumps = Float64Array.from({ length: size }, (_, k) => bump(k, size, overlap));
  for (const start of starts)
    bumps.forEach((value, k) => {
      sums[start + k]! += value;
    });
  const weights = starts.map((start) => Float32Array.from(bumps, (v, k) => v / sums[start + k]!));
  return { padded, size, starts, weights };
}
