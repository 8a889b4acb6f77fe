import type { Pixels } from 'spgd/node';
import { blankPixels } from './photo-pixels';

/** Where each pixel comes from: `[row, column]` of the source, from those of the result. */
type Turn = (
  row: number,
  column: number,
  height: number,
  width: number,
) => readonly [number, number];

/**
 * How the file of each EXIF orientation from 1 to 8 is read to be upright; height and width are those
 * of the file. From 5 on, rows become columns.
 */
const turns: readonly Turn[] = [
  (row, column) => [row, column],
  (row, column, _, width) => [row, width - 1 - column],
  (row, column, height, width) => [height - 1 - row, width - 1 - column],
  (row, column, height) => [height - 1 - row, column],
  (row, column) => [column, row],
  (row, column, height) => [height - 1 - column, row],
  (row, column, height, width) => [height - 1 - column, width - 1 - row],
  (row, column, _, width) => [column, width - 1 - row],
];

/** The orientation that undoes each one: a quarter turn is undone by the opposite one. */
const undoing = [1, 2, 3, 4, 5, 8, 7, 6];

function turned(pixels: Pixels, orientation: number): Pixels {
  const [height, width, stored] = pixels.shape;
  if (orientation === 1) return pixels;
  const [rows, columns] = orientation > 4 ? [width, height] : [height, width];
  const result = blankPixels([rows, columns, stored], pixels.white);
  const source = turns[orientation - 1]!;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [y, x] = source(row, column, height, width);
      const from = (y * width + x) * stored;
      const to = (row * columns + column) * stored;
      for (let k = 0; k < stored; k++) result.values[to + k] = pixels.values[from + k]!;
    }
  return { ...result, ...(pixels.file && { file: pixels.file }) };
}

const orientationIn = ({ file }: Pixels): number => file?.orientation ?? 1;

/** A photo that was turned upright, as it lies in its file. */
export const asStored = (photo: Pixels): Pixels =>
  turned(photo, undoing[orientationIn(photo) - 1]!);

/** A photo as it lies in its file, turned upright. */
export const upright = (stored: Pixels): Pixels => turned(stored, orientationIn(stored));
