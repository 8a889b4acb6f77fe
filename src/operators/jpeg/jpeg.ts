import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import type { Matrix } from '../../internal/separable';
import { linearOperator } from '../linear-operator';
import type { SpectralOperator } from '../operator';
import {
  cellRows,
  cellSide,
  type Factors,
  factorsOf,
  forwardMatrix,
  pictureMatrix,
  type Subsampling,
  toRgb,
  toYcc,
} from './cell';
import { type CellSpectrum, cellSpectrum } from './cell-spectrum';
import { errorLevelOf, type QuantizationTable, standardTables } from './tables';

/** Options of `jpeg`: a quality, or the tables of a file. */
export interface JpegOptions {
  /**
   * The quality, an integer from 1 to 100, by the formula of libjpeg. Ignored where `tables` are given.
   * @default none
   */
  quality?: number;
  /**
   * The steps of Y, Cb and Cr: 64 integers from 1 to 65535 each, row by row from
   * the lowest frequency, in grey levels of 255.
   * @default from `quality`
   */
  tables?: readonly [QuantizationTable, QuantizationTable, QuantizationTable];
  /**
   * One sample of colour for 1 pixel, for 2 side by side, for 2 x 2, or for 2 one above the other.
   * @default '4:2:0'
   */
  subsampling?: Subsampling;
}

/** The operator of JPEG. */
export interface JpegOperator extends SpectralOperator {
  /** Side of the cells in pixels, by which height and width divide: 8 or 16. */
  readonly cell: number;
  /** The noise level on [-1, 1] at which a denoiser cleans the decoded picture best. */
  readonly errorLevel: number;
  /** The picture that a decoder shows for y, not clipped; colours are interpolated. */
  decode(y: Tensor4D): Tensor4D;
}

function tablesOf({ quality, tables }: JpegOptions): readonly QuantizationTable[] {
  if (!tables) {
    const [luma, chroma] = standardTables(quality!);
    return [luma, chroma, chroma];
  }
  const isStep = (step: number) => Number.isInteger(step) && step >= 1 && step <= 65535;
  const valid =
    tables.length === 3 && tables.every((one) => one.length === 64 && one.every(isStep));
  checkRange(valid, 'jpeg', 'tables', '3 lists of 64 integers from 1 to 65535', tables);
  return tables;
}

/** `[batch, height, width, 3]` to `[batch, rows, columns, pixels of a cell]`. */
const toCells = (x: Tensor4D, side: number): Tensor4D => {
  const [batch, height, width] = x.shape;
  const [rows, columns] = [height / side, width / side];
  const split = tf.reshape(x, [batch, rows, side, columns, 3 * side]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4]), [batch, rows, columns, 3 * side ** 2]);
};

/** Back to `[batch, height, width, 3]`. */
const fromCells = (cells: Tensor4D, side: number): Tensor4D => {
  const [batch, rows, columns] = cells.shape;
  const split = tf.reshape(cells, [batch, rows, columns, side, 3 * side]);
  const lines = tf.transpose(split, [0, 1, 3, 2, 4]);
  return tf.reshape(lines, [batch, rows * side, columns * side, 3]);
};

/** Contracts the last axis with a matrix, `values` of it `[inputs, outputs]`. */
const times = (x: Tensor4D, values: Float32Array, inputs: number, outputs: number): Tensor4D => {
  const [batch, rows, columns] = x.shape;
  const flat = tf.reshape(x, [batch * rows * columns, inputs]);
  const product = tf.matMul(flat, tf.tensor2d(values, [inputs, outputs]));
  return tf.reshape(product, [batch, rows, columns, outputs]);
};

const apply = (x: Tensor4D, { transposed, inputs, outputs }: Matrix): Tensor4D =>
  times(x, transposed, inputs, outputs);

const applyTransposed = (y: Tensor4D, { values, inputs, outputs }: Matrix): Tensor4D =>
  times(y, values, outputs, inputs);

/** Colours by a matrix, `[3, 3]`. */
const recolour = (x: Tensor4D, matrix: readonly (readonly number[])[]): Tensor4D => {
  const [batch, height, width] = x.shape;
  const flat = tf.reshape(x, [batch * height * width, 3]);
  const product = tf.matMul(flat, tf.tensor2d(matrix.flat(), [3, 3]), false, true);
  return tf.reshape(product, [batch, height, width, 3]);
};

/** A picture whose colours are repeated, with colours that are interpolated, as libjpeg does. */
function interpolateColours(repeated: Tensor4D, [down, across]: Factors): Tensor4D {
  if (down * across === 1) return repeated;
  const [, height, width] = repeated.shape;
  const ycc = recolour(repeated, toYcc);
  const few = tf.avgPool(ycc, [down, across], [down, across], 'valid');
  const smooth = tf.image.resizeBilinear(few, [height, width], false, true);
  const luma = tf.slice(ycc, [0, 0, 0, 0], [-1, -1, -1, 1]);
  return recolour(tf.concat([luma, tf.slice(smooth, [0, 0, 0, 1], [-1, -1, -1, 2])], 3), toRgb);
}

/**
 * JPEG before its rounding: the DCT of blocks of 8 x 8 samples of Y, Cb and Cr, each coefficient
 * divided by its step / sqrt(12), so that rounding is noise of standard deviation 1 (`roundingNoise`).
 *
 * Takes `[batch, H, W, 3]`, values in [-1, 1], H and W divisible by 8, or by 16 where colours are
 * subsampled; gives `[batch, rows, columns, coefficients]` with the coefficients of one cell of 8 x 8
 * or 16 x 16 pixels side by side: Y, then Cb, then Cr, block by block. Colours are means of the pixels
 * that share them. The gradient is that of the linear map; solver, pseudo-inverse and singular values
 * are exact, cell by cell. `jpegMeasurement` gives operator and measurement of a file.
 *
 * @throws RangeError for options out of range, and for an x that cells do not tile.
 *
 * Reference: ITU-T T.81, "Digital compression and coding of continuous-tone still images", 1992.
 */
export function jpeg({ subsampling = '4:2:0', ...steps }: JpegOptions): JpegOperator {
  const known = Object.hasOwn(factorsOf, subsampling);
  const names = Object.keys(factorsOf).join(', ');
  checkRange(known, 'jpeg', 'subsampling', `one of ${names}`, subsampling);
  const tables = tablesOf(steps);
  const factors = factorsOf[subsampling];
  const side = cellSide(factors);
  const rows = cellRows(tables, factors);
  const matrix = forwardMatrix(rows);
  const picture = pictureMatrix(rows);
  let decomposed: CellSpectrum | undefined;
  const spectrum = (): CellSpectrum => {
    decomposed ??= cellSpectrum(rows, factors);
    return decomposed;
  };
  const operator = linearOperator({
    name: 'jpeg',
    reach: side,
    checkShape: ({ shape }) => {
      const fits = shape[3] === 3 && shape[1] % side === 0 && shape[2] % side === 0;
      const rule = `[batch, height, width, 3] with height and width divisible by ${side}`;
      checkRange(fits, 'jpeg', 'x.shape', rule, shape);
    },
    imageShape: ([batch, down, across]) => [batch, down * side, across * side, 3],
    forward: (x) => tf.tidy(() => apply(toCells(x, side), matrix)),
    adjoint: (y) => tf.tidy(() => fromCells(applyTransposed(y, matrix), side)),
    spectrum: {
      values: () => tf.tensor4d(spectrum().values, [1, 1, 1, 3 * side ** 2]),
      analyze: (x) => tf.tidy(() => apply(toCells(x, side), spectrum().right)),
      synthesize: (c) => tf.tidy(() => fromCells(applyTransposed(c, spectrum().right), side)),
      analyzeMeasurement: (y) => tf.tidy(() => apply(y, spectrum().left)),
    },
  });
  return {
    ...operator,
    cell: side,
    errorLevel: errorLevelOf(tables[0]!),
    decode: (y) =>
      tf.tidy(() => interpolateColours(fromCells(applyTransposed(y, picture), side), factors)),
  };
}
