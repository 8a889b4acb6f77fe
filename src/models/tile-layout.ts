import type { Tile } from '../internal/tiles';
import type { TileAxis } from './tile-axis';

/** The tiles of an image, and their weights. */
export interface TileLayout {
  readonly padded: readonly [number, number];
  readonly tiles: readonly Tile[];
  /** `[tiles, tile height, tile width, 1]` as plain numbers. */
  readonly windows: Float32Array;
}

/** Lays tiles over rows and columns, except those that `isUsed` leaves out. */
export function tileLayout(
  rows: TileAxis,
  columns: TileAxis,
  isUsed: (tile: Tile) => boolean,
): TileLayout {
  const places = rows.starts.flatMap((top, i) =>
    columns.starts.map((left, j) => ({ top, left, i, j })),
  );
  const used = places
    .map((place) => ({ ...place, height: rows.size, width: columns.size }))
    .filter(isUsed);
  const windows = new Float32Array(used.length * rows.size * columns.size);
  let at = 0;
  for (const { i, j } of used)
    for (const down of rows.weights[i]!)
      for (const across of columns.weights[j]!) windows[at++] = down * across;
  return { padded: [rows.padded, columns.padded], tiles: used, windows };
}
