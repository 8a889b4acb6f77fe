import { buildMatrix, type Matrix } from '../../internal/separable';
import type { QuantizationTable } from './tables';

/** Pixels that one sample of chrominance is the mean of: down and across. */
export type Factors = readonly [down: 1 | 2, across: 1 | 2];

/** How coarsely the colours of a JPEG are sampled. */
export type Subsampling = '4:4:4' | '4:2:2' | '4:2:0' | '4:4:0';

/** How many pixels share a sample of colour. */
export const factorsOf: Readonly<Record<Subsampling, Factors>> = {
  '4:4:4': [1, 1],
  '4:2:2': [1, 2],
  '4:2:0': [2, 2],
  '4:4:0': [2, 1],
};

/** One coefficient of a cell: the smallest square that the blocks of all components tile. */
export interface CellRow {
  /** 0 is Y, 1 is Cb, 2 is Cr. */
  readonly component: number;
  /** Weights of the pixels along the height of the cell. */
  readonly down: Float64Array;
  /** Weights of the pixels along its width. */
  readonly across: Float64Array;
  /** The step / sqrt(12), on the [-1, 1] scale. */
  readonly unit: number;
  /** Pixels that a sample of the component is the mean of. */
  readonly shared: number;
}

/** RGB to YCbCr, as JFIF has it. */
export const toYcc: readonly (readonly number[])[] = [
  [0.299, 0.587, 0.114],
  [-0.299 / 1.772, -0.587 / 1.772, 0.5],
  [0.5, -0.587 / 1.402, -0.114 / 1.402],
];

/** YCbCr to RGB, as JFIF has it. */
export const toRgb: readonly (readonly number[])[] = [
  [1, 0, 1.402],
  [1, (-0.114 * 1.772) / 0.587, (-0.299 * 1.402) / 0.587],
  [1, 1.772, 0],
];

/** Half of the range [0, 255]: what 1 is in grey levels. */
export const greyLevels = 127.5;

/** Side of a cell in pixels. */
export const cellSide = ([down, across]: Factors): number => 8 * Math.max(down, across);

/** The rows of the DCT of blocks of 8 samples, each the mean of `factor` pixels, over `side` pixels. */
export function dctRows(side: number, factor: number): Float64Array[] {
  return Array.from({ length: side / factor }, (_, row) => {
    const [block, frequency] = [row >> 3, row & 7];
    const length = frequency === 0 ? Math.SQRT1_2 : 1;
    const weights = new Float64Array(side);
    for (let sample = 0; sample < 8; sample++) {
      const wave = 0.5 * length * Math.cos(((2 * sample + 1) * frequency * Math.PI) / 16);
      const first = (8 * block + sample) * factor;
      weights.fill(wave / factor, first, first + factor);
    }
    return weights;
  });
}

/** All coefficients of a cell: by component, then block by block, then row by row of the table. */
export function cellRows(tables: readonly QuantizationTable[], factors: Factors): CellRow[] {
  const side = cellSide(factors);
  return tables.flatMap((table, component) => {
    const [fy, fx] = component === 0 ? [1, 1] : factors;
    const [down, across] = [dctRows(side, fy), dctRows(side, fx)];
    const rows: CellRow[] = [];
    for (let top = 0; top < down.length; top += 8)
      for (let left = 0; left < across.length; left += 8)
        for (let at = 0; at < 64; at++)
          rows.push({
            component,
            down: down[top + (at >> 3)]!,
            across: across[left + (at & 7)]!,
            unit: table[at]! / greyLevels / Math.sqrt(12),
            shared: fy * fx,
          });
    return rows;
  });
}

/** A matrix with one row for each coefficient, over the pixels of a cell in RGB. */
function overPixels(
  rows: readonly CellRow[],
  weigh: (row: CellRow, channel: number) => number,
): Matrix {
  const side = rows[0]!.down.length;
  return buildMatrix(rows.length, 3 * side ** 2, (add) => {
    for (const [k, row] of rows.entries())
      for (const [i, down] of row.down.entries()) {
        if (down === 0) continue;
        for (const [j, across] of row.across.entries()) {
          if (across === 0) continue;
          for (let channel = 0; channel < 3; channel++)
            add(k, (i * side + j) * 3 + channel, down * across * weigh(row, channel));
        }
      }
  });
}

/** A: pixels to coefficients in units of their noise. */
export const forwardMatrix = (rows: readonly CellRow[]): Matrix =>
  overPixels(rows, ({ component, unit }, channel) => toYcc[component]![channel]! / unit);

/** The picture of each coefficient as a decoder shows it, colours repeated: `A B' = I`. */
export const pictureMatrix = (rows: readonly CellRow[]): Matrix =>
  overPixels(
    rows,
    ({ component, unit, shared }, channel) => toRgb[channel]![component]! * unit * shared,
  );
