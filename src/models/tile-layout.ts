import type { Tile } from '../internal/tiles';
import type { TileAxis } from './tile-axis';

/** The tiles of an image, and their weights. */
export interface TileLayout {
  readonly padded: readonly [number, number];
  readonly tiles: readonly Tile[];
  /** `[tiles, tile height, tile width, 1]` as plain numbers. */
  readonly windows: Float32Array;
}

/** A tile, and which one it is along each axis. */
interface Place extends Tile {
  readonly i: number;
  readonly j: number;
}

/** The tiles over rows and columns in reading order, without those that `covers` leaves out. */
export const placesOf = (
  rows: TileAxis,
  columns: TileAxis,
  covers: (tile: Tile) => boolean = () => false,
): readonly Place[] =>
  rows.starts
    .flatMap((top, i) =>
      columns.starts.map((left, j) => ({
        ...{ top, left, height: rows.size, width: columns.size },
        ...{ i, j },
      })),
    )
    .filter((tile) => !covers(tile));

/** Lays tiles over rows and columns, without those that `covers` leaves out. */
export function tileLayout(
  rows: TileAxis,
  columns: TileAxis,
  covers?: (tile: Tile) => boolean,
): TileLayout {
  const tiles = placesOf(rows, columns, covers);
  const windows = new Float32Array(tiles.length * rows.size * columns.size);
  let at = 0;
  for (const { i, j } of tiles)
    for (const down of rows.weights[i]!)
      for (const across of columns.weights[j]!) windows[at++] = down * across;
  return { padded: [rows.padded, columns.padded], tiles, windows };
}
