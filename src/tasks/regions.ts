import type { Tile } from 'spgd';
import { blocksOf } from './blocks';

/** Which pixels are missing, row by row. */
export interface DamageMap {
  /** A byte for each pixel: 1 = missing. */
  readonly missing: Uint8Array;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}

/** A part of a photo that is restored on its own. */
export interface Region {
  /** What is looked at: the damage with its surroundings. */
  readonly window: Tile;
  /** What is written: missing pixels in here that no region before has restored. */
  readonly core: Tile;
}

/** Options of `regionsOf`. */
export interface RegionOptions {
  /** Side of a tile: no window is smaller, where the photo is not. */
  readonly tile: number;
  /** Known pixels round the damage, at least. */
  readonly context: number;
  /** Largest side of a core: bounds the memory of a region. */
  readonly largest: number;
}

/** Side of the squares in which damage is counted, in pixels. */
const cellSize = 16;

/** Whether something is missing in a rectangle. */
export function hasDamage({ missing, width }: DamageMap, box: Tile): boolean {
  for (let row = box.top; row < box.top + box.height; row++) {
    const from = row * width + box.left;
    if (missing.subarray(from, from + box.width).includes(1)) return true;
  }
  return false;
}

/** The part of a rectangle that holds its damage. */
function tightened({ missing, width }: DamageMap, box: Tile): Tile | undefined {
  let [top, left, bottom, right] = [Infinity, Infinity, -1, -1];
  for (let row = box.top; row < box.top + box.height; row++)
    for (let column = box.left; column < box.left + box.width; column++) {
      if (!missing[row * width + column]) continue;
      top = Math.min(top, row);
      bottom = row;
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
  if (bottom < 0) return undefined;
  return { top, left, height: bottom - top + 1, width: right - left + 1 };
}

/** Squares with damage that touch each other, as rectangles of pixels, in reading order. */
function clusters(map: DamageMap): Tile[] {
  const rows = Math.ceil(map.height / cellSize);
  const columns = Math.ceil(map.width / cellSize);
  const cell = (row: number, column: number): Tile => {
    const [top, left] = [row * cellSize, column * cellSize];
    const height = Math.min(cellSize, map.height - top);
    return { top, left, height, width: Math.min(cellSize, map.width - left) };
  };
  const left = new Set<number>();
  for (let at = 0; at < rows * columns; at++)
    if (hasDamage(map, cell(Math.floor(at / columns), at % columns))) left.add(at);
  const found: Tile[] = [];
  for (const first of left) {
    left.delete(first);
    const members = [first];
    for (const at of members)
      for (const next of neighbours(at, rows, columns)) if (left.delete(next)) members.push(next);
    const down = members.map((at) => Math.floor(at / columns));
    const across = members.map((at) => at % columns);
    found.push(around(cell(least(down), least(across)), cell(most(down), most(across))));
  }
  return found;
}

const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));

function neighbours(at: number, rows: number, columns: number): number[] {
  const [row, column] = [Math.floor(at / columns), at % columns];
  const near = [-1, 0, 1];
  return near
    .flatMap((down) => near.map((across) => [row + down, column + across] as const))
    .filter(([r, c]) => r >= 0 && r < rows && c >= 0 && c < columns)
    .map(([r, c]) => r * columns + c);
}

const around = (first: Tile, last: Tile): Tile => ({
  top: first.top,
  left: first.left,
  height: last.top + last.height - first.top,
  width: last.left + last.width - first.left,
});

/** Equal parts of a rectangle, none longer than `largest`. */
const parts = ({ top, left, height, width }: Tile, largest: number): Tile[] =>
  blocksOf([height, width], { largest, margin: 0 }).map(({ core }) => ({
    ...core,
    top: top + core.top,
    left: left + core.left,
  }));

/** A core grown by its context, to a tile at least, inside the photo. */
function windowOf(core: Tile, map: DamageMap, { tile, context }: RegionOptions): Tile {
  const grow = (start: number, length: number, whole: number): [number, number] => {
    const size = Math.min(whole, Math.max(tile, length + 2 * context));
    const from = Math.round(start + length / 2 - size / 2);
    return [Math.min(Math.max(0, from), whole - size), size];
  };
  const [top, height] = grow(core.top, core.height, map.height);
  const [left, width] = grow(core.left, core.width, map.width);
  return { top, left, height, width };
}

/**
 * The damage of a photo as regions to be restored one after another. Damage that lies together is one
 * region, unless it is too large; what one region has restored is known to those after it.
 */
export function regionsOf(map: DamageMap, options: RegionOptions): Region[] {
  const rest = { ...map, missing: map.missing.slice() };
  return clusters(map)
    .flatMap((cluster) => {
      const box = tightened(rest, cluster);
      return box ? parts(box, options.largest) : [];
    })
    .flatMap((part) => {
      const core = tightened(rest, part);
      if (!core) return [];
      clearDamage(rest, core);
      return [{ core, window: windowOf(core, map, options) }];
    });
}

/** Marks a rectangle as known. */
export function clearDamage({ missing, width }: DamageMap, box: Tile): void {
  for (let row = box.top; row < box.top + box.height; row++) {
    const from = row * width + box.left;
    missing.fill(0, from, from + box.width);
  }
}

/** The part of a map inside a rectangle. */
export function cropDamage({ missing, width }: DamageMap, box: Tile): DamageMap {
  const part = new Uint8Array(box.height * box.width);
  for (let row = 0; row < box.height; row++) {
    const from = (box.top + row) * width + box.left;
    part.set(missing.subarray(from, from + box.width), row * box.width);
  }
  return { missing: part, height: box.height, width: box.width };
}
