import type { Tile } from 'spgd';

/** Which pixels of a photo are missing: a byte each, 1 = missing. */
export interface MissingPixels {
  readonly missing: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Whether something is missing in a rectangle. */
export function hasMissing({ missing, width }: MissingPixels, box: Tile): boolean {
  for (let row = box.top; row < box.top + box.height; row++) {
    const from = row * width + box.left;
    if (missing.subarray(from, from + box.width).includes(1)) return true;
  }
  return false;
}

/** From the first to the last line for which `isHit` holds, grown to `least` and by `context`. */
function span(length: number, least: number, context: number, isHit: (at: number) => boolean) {
  let [first, last] = [0, length - 1];
  while (first < last && !isHit(first)) first++;
  while (last > first && !isHit(last)) last--;
  const size = Math.min(length, Math.max(least, last - first + 1 + 2 * context));
  const start = Math.round((first + last + 1 - size) / 2);
  return [Math.min(Math.max(0, start), length - size), size] as const;
}

/** The part of a photo that holds all missing pixels and what they are restored from. */
export function damagedWindow(map: MissingPixels, tile: number): Tile {
  const { height, width } = map;
  const context = Math.ceil(tile / 4);
  const inRow = (top: number) => hasMissing(map, { top, left: 0, height: 1, width });
  const [top, rows] = span(height, tile, context, inRow);
  const inColumn = (left: number) => hasMissing(map, { top: 0, left, height, width: 1 });
  const [left, columns] = span(width, tile, context, inColumn);
  return { top, left, height: rows, width: columns };
}

/** The missing pixels of a rectangle. */
export function cropMissing({ missing, width }: MissingPixels, box: Tile): MissingPixels {
  const part = new Uint8Array(box.height * box.width);
  for (let row = 0; row < box.height; row++) {
    const from = (box.top + row) * width + box.left;
    part.set(missing.subarray(from, from + box.width), row * box.width);
  }
  return { missing: part, height: box.height, width: box.width };
}
