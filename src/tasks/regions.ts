import type { Tile } from 'spgd';

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
  /** Known pixels round the damage, at least; a quarter of its shorter side where that is more. */
  readonly context: number;
  /** Largest side of a core: bounds the memory of a region. */
  readonly largest: number;
}

/**
 * How small windows may be for a network that takes tiles of `size` pixels. A scratch of 55 x 7 pixels
 * is restored as well in windows of 80 to 128 pixels as in one of 256.
 */
export const regionWindows = (size: number): Pick<RegionOptions, 'tile' | 'context'> => ({
  tile: Math.min(size, 80),
  context: Math.min(Math.ceil(size / 4), 24),
});

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

/** Squares with damage in groups of those that touch each other, in reading order. */
function clusters(map: DamageMap): Tile[][] {
  const rows = Math.ceil(map.height / cellSize);
  const columns = Math.ceil(map.width / cellSize);
  const cell = (at: number): Tile => {
    const [top, left] = [Math.floor(at / columns) * cellSize, (at % columns) * cellSize];
    const height = Math.min(cellSize, map.height - top);
    return { top, left, height, width: Math.min(cellSize, map.width - left) };
  };
  const left = new Set<number>();
  for (let at = 0; at < rows * columns; at++) if (hasDamage(map, cell(at))) left.add(at);
  const found: Tile[][] = [];
  for (const first of left) {
    left.delete(first);
    const members = [first];
    for (const at of members)
      for (const next of neighbours(at, rows, columns)) if (left.delete(next)) members.push(next);
    found.push(members.map(cell));
  }
  return found;
}

function neighbours(at: number, rows: number, columns: number): number[] {
  const [row, column] = [Math.floor(at / columns), at % columns];
  const near = [-1, 0, 1];
  return near
    .flatMap((down) => near.map((across) => [row + down, column + across] as const))
    .filter(([r, c]) => r >= 0 && r < rows && c >= 0 && c < columns)
    .map(([r, c]) => r * columns + c);
}

/** The rectangle round two. */
export function around(first: Tile, second: Tile): Tile {
  const top = Math.min(first.top, second.top);
  const left = Math.min(first.left, second.left);
  const bottom = Math.max(first.top + first.height, second.top + second.height);
  const right = Math.max(first.left + first.width, second.left + second.width);
  return { top, left, height: bottom - top, width: right - left };
}

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

/** A straight cut between squares. */
interface Cut {
  /** The squares, in order across the cut; the first `at` lie before it. */
  readonly cells: readonly Tile[];
  readonly at: number;
  /** How far the cut is from the middle, in pixels. */
  readonly offset: number;
  /** Pixels of both windows. */
  readonly cost: number;
}

/** Every straight cut between squares across one axis. */
function cutsAlong(
  axis: 'top' | 'left',
  unordered: readonly Tile[],
  costOf: (core: Tile) => number,
): Cut[] {
  const cells = unordered.toSorted((a, b) => a[axis] - b[axis]);
  const middle = (cells[0]![axis] + cells.at(-1)![axis] + cellSize) / 2;
  const growing = (tiles: readonly Tile[]) => {
    let box = tiles[0]!;
    return tiles.map((tile) => {
      box = around(box, tile);
      return box;
    });
  };
  const before = growing(cells);
  const after = growing(cells.toReversed()).reverse();
  return cells.flatMap((cell, at) => {
    if (at === 0 || cell[axis] === cells[at - 1]![axis]) return [];
    const cost = costOf(before[at - 1]!) + costOf(after[at]!);
    return [{ cells, at, offset: Math.abs(cell[axis] - middle), cost }];
  });
}

/** The cut that is least in something; undefined where there is none. */
const leastCut = (cuts: readonly Cut[], by: 'offset' | 'cost'): Cut | undefined =>
  cuts.reduce<Cut | undefined>(
    (least, cut) => (least && least[by] <= cut[by] ? least : cut),
    undefined,
  );

/** A cut must save this share of the pixels that the network looks at. */
const worthwhile = 0.2;

/**
 * A group of squares in parts whose windows together are small: a long scratch in short pieces, a hole
 * in one, unless it is longer than `largest`.
 */
function partsOf(cells: readonly Tile[], map: DamageMap, options: RegionOptions): Tile[] {
  const costOf = (core: Tile) => {
    const { height, width } = windowOf(core, map, options);
    return height * width;
  };
  const whole = cells.reduce(around);
  const down = cutsAlong('top', cells, costOf);
  const across = cutsAlong('left', cells, costOf);
  const cheapest = leastCut([...down, ...across], 'cost');
  const pays = cheapest && cheapest.cost <= (1 - worthwhile) * costOf(whole);
  const isSmall = Math.max(whole.height, whole.width) <= options.largest;
  const longer = whole.height >= whole.width ? down : across;
  const cut = pays ? cheapest : isSmall ? undefined : leastCut(longer, 'offset');
  if (!cut) return [whole];
  const sides = [cut.cells.slice(0, cut.at), cut.cells.slice(cut.at)];
  return sides.flatMap((side) => partsOf(side, map, options));
}

/**
 * The damage of a photo as regions to be restored one after another. Damage that lies together is one
 * region, unless it is too large, or smaller windows cover it in parts; what one region has restored is
 * known to those after it.
 */
export function regionsOf(map: DamageMap, options: RegionOptions): Region[] {
  const rest = { ...map, missing: map.missing.slice() };
  return clusters(map)
    .flatMap((cells) => partsOf(cells, map, options))
    .flatMap((part) => {
      const core = tightened(rest, part);
      if (!core) return [];
      clearDamage(rest, core);
      const quarter = Math.ceil(Math.min(core.height, core.width) / 4);
      const context = Math.max(options.context, quarter);
      return [{ core, window: windowOf(core, map, { ...options, context }) }];
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
