import type { Tile } from 'spgd';

/** A part of a photo that is restored by itself. */
export interface Block {
  /** What is looked at: the core with its margin, inside the photo. */
  readonly window: Tile;
  /** What is written. The cores of all blocks tile the photo. */
  readonly core: Tile;
}

/** Options of `blocksOf`. */
export interface BlockOptions {
  /** Largest side of a core in pixels, an integer >= 1: it bounds the memory of a block. */
  readonly largest: number;
  /** Pixels of surroundings on each side of a core, where the photo has them, >= 0. */
  readonly margin: number;
  /**
   * Every edge lies at a multiple of this, an integer >= 1: the scale of super-resolution.
   * @default 1
   */
  readonly multipleOf?: number;
}

/** One part of an axis: `[from, to)` of its window and of its core. */
interface Span {
  readonly window: readonly [from: number, to: number];
  readonly core: readonly [from: number, to: number];
}

function spans(length: number, { largest, margin, multipleOf = 1 }: BlockOptions): Span[] {
  const cells = Math.ceil(length / multipleOf);
  const count = Math.ceil(length / Math.max(largest, multipleOf));
  const edge = (i: number) => Math.min(length, multipleOf * Math.round((i * cells) / count));
  const around = multipleOf * Math.ceil(margin / multipleOf);
  return Array.from({ length: count }, (_, i) => ({
    core: [edge(i), edge(i + 1)],
    window: [Math.max(0, edge(i) - around), Math.min(length, edge(i + 1) + around)],
  }));
}

/**
 * Cuts a photo into blocks of nearly equal size, in reading order.
 *
 * An operator that looks no farther than `reach` pixels sees the same in a window with a margin of at
 * least `reach` as in the whole photo, so each block is an inverse problem of its own and memory does
 * not grow with the photo.
 */
export function blocksOf(
  [height, width]: readonly [number, number],
  options: BlockOptions,
): Block[] {
  const columns = spans(width, options);
  const tile = (down: readonly [number, number], across: readonly [number, number]): Tile => ({
    top: down[0],
    left: across[0],
    height: down[1] - down[0],
    width: across[1] - across[0],
  });
  return spans(height, options).flatMap((row) =>
    columns.map((column) => ({
      window: tile(row.window, column.window),
      core: tile(row.core, column.core),
    })),
  );
}

/**
 * How much of a restored block counts at a pixel of the photo, in [0, 1]: 1 inside its core, and a
 * ramp of `width` pixels over the blocks above and to the left, which are written before it.
 */
export function rampOf({ core, window }: Block, width: number): (y: number, x: number) => number {
  const axis = (from: number, least: number, to: number) => {
    const begin = Math.max(least, from - width);
    const length = from - begin;
    return (at: number) => {
      if (at >= to || at < begin) return 0;
      return at >= from ? 1 : (at - begin + 0.5) / length;
    };
  };
  const down = axis(core.top, window.top, core.top + core.height);
  const across = axis(core.left, window.left, core.left + core.width);
  return (y, x) => down(y) * across(x);
}
