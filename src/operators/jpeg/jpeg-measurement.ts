import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Tile } from '../../internal/tiles';
import { cellSide, factorsOf } from './cell';
import type { JpegFile, JpegPlane } from './jpeg-file';

/** A step in units of the noise of its rounding. */
const step = Math.sqrt(12);

/** The file counts grey levels from 128 and we from 127.5: the DC value of 8 x 8 pixels differs by 4. */
const shiftOfLuma = 4;

/** Writes a block; a block of the padding is as bright as the nearest one of the image. */
function writeBlock(
  values: Float32Array,
  at: number,
  { coefficients, stride, blocks }: JpegPlane,
  [row, column]: readonly [number, number],
): void {
  const inside = [Math.min(row, blocks[0] - 1), Math.min(column, blocks[1] - 1)] as const;
  const from = 64 * (inside[0] * stride + inside[1]);
  const isPadding = inside[0] !== row || inside[1] !== column;
  for (let k = 0; k < (isPadding ? 1 : 64); k++) values[at + k] = coefficients[from + k]! * step;
}

/** Rows and columns of cells that hold a file, and the side of a cell in pixels. */
export function cellsOf({
  height,
  width,
  subsampling,
}: Pick<JpegFile, 'height' | 'width' | 'subsampling'>): readonly [
  rows: number,
  columns: number,
  side: number,
] {
  const side = cellSide(factorsOf[subsampling]);
  return [Math.ceil(height / side), Math.ceil(width / side), side];
}

/**
 * The coefficients of a file as the measurement of `jpeg(file)`, whose noise is `roundingNoise()`:
 * `[1, rows, columns, coefficients of a cell]`. The image to restore ends with whole cells: cut it to
 * `height` and `width`. The caller disposes the tensor.
 *
 * @param box The cells to take; all of them by default.
 */
export function jpegMeasurement(file: JpegFile, box?: Tile): Tensor4D {
  const [rows, columns] = cellsOf(file);
  const { top, left, height, width } = box ?? { top: 0, left: 0, height: rows, width: columns };
  const [fy, fx] = factorsOf[file.subsampling];
  const side = Math.max(fy, fx);
  const layout = file.tables.map((_, component) => {
    const [down, across] = component === 0 ? [side, side] : [side / fy, side / fx];
    return { down, across, plane: file.planes[component] };
  });
  const length = 64 * layout.reduce((sum, { down, across }) => sum + down * across, 0);
  const values = new Float32Array(height * width * length);
  const offset = (shiftOfLuma / file.tables[0][0]!) * step;
  let at = 0;
  for (let row = top; row < top + height; row++)
    for (let column = left; column < left + width; column++)
      for (const [component, { down, across, plane }] of layout.entries())
        for (let y = 0; y < down; y++)
          for (let x = 0; x < across; x++) {
            if (plane) writeBlock(values, at, plane, [row * down + y, column * across + x]);
            if (component === 0) values[at]! += offset;
            at += 64;
          }
  return tf.tensor4d(values, [1, height, width, length]);
}
