import { buildMatrix, type Matrix } from '../../internal/separable';
import { singularValues } from '../../internal/singular-values';
import { type CellRow, dctRows, type Factors, toYcc } from './cell';

/** `A = U diag(s) V'` for one cell. */
export interface CellSpectrum {
  readonly values: Float32Array;
  /** `V'`, `[pixels, pixels]`. */
  readonly right: Matrix;
  /** `U'`, `[pixels, coefficients]`, rows of zeros where s is 0. */
  readonly left: Matrix;
}

/** What is smaller is rounding. */
const negligible = 1e-9;

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/**
 * An orthonormal basis of one side of a cell in which A falls apart: the DCT of its blocks. Where
 * chrominance is averaged over two blocks, both are mixed to what is even and odd about the middle.
 */
function basis(side: number, factor: number): Float64Array[] {
  const rows = dctRows(side, 1);
  if (factor === 1) return rows;
  const mixed = (parity: number) =>
    Array.from({ length: 8 }, (_, u) => {
      const sign = parity * (u % 2 ? -1 : 1);
      return rows[u]!.map((value, i) => (value + sign * rows[8 + u]![i]!) * Math.SQRT1_2);
    });
  return [...mixed(1), ...mixed(-1)];
}

/** The entries of a row in the basis that are not 0: column and value. */
type Sparse = readonly (readonly [column: number, value: number])[];

function sparseRow(
  { component, down, across, unit }: CellRow,
  rows: readonly Float64Array[],
  columns: readonly Float64Array[],
): Sparse {
  const along = (axis: readonly Float64Array[], weights: Float64Array) =>
    axis.map((vector) => dot(vector, weights));
  const [a, b] = [along(rows, down), along(columns, across)];
  const entries: [number, number][] = [];
  for (const [i, x] of a.entries())
    if (Math.abs(x) > negligible)
      for (const [j, y] of b.entries())
        if (Math.abs(y) > negligible)
          for (let channel = 0; channel < 3; channel++)
            entries.push([
              (i * columns.length + j) * 3 + channel,
              (x * y * toYcc[component]![channel]!) / unit,
            ]);
  return entries;
}

/** Columns that some row mixes, together: each part of the matrix is decomposed by itself. */
function partsOf(rows: readonly Sparse[], size: number): { rows: number[]; columns: number[] }[] {
  const parent = Array.from({ length: size }, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  for (const row of rows) for (const [column] of row) parent[root(column)] = root(row[0]![0]);
  const parts = new Map<number, { rows: number[]; columns: number[] }>();
  for (let column = 0; column < size; column++) {
    const part = parts.get(root(column)) ?? { rows: [], columns: [] };
    part.columns.push(column);
    parts.set(root(column), part);
  }
  for (const [k, row] of rows.entries()) parts.get(root(row[0]![0]))!.rows.push(k);
  return [...parts.values()];
}

/** The singular values of A for one cell, in float64. */
export function cellSpectrum(all: readonly CellRow[], factors: Factors): CellSpectrum {
  const side = all[0]!.down.length;
  const size = 3 * side ** 2;
  const [rows, columns] = [basis(side, factors[0]), basis(side, factors[1])];
  const sparse = all.map((row) => sparseRow(row, rows, columns));
  const values = new Float32Array(size);
  const lefts: [row: number, column: number, value: number][] = [];
  let at = 0;
  const right = buildMatrix(size, size, (add) => {
    for (const part of partsOf(sparse, size)) {
      const place = new Map(part.columns.map((column, i) => [column, i]));
      const matrix = buildMatrix(part.rows.length, part.columns.length, (put) => {
        for (const [i, k] of part.rows.entries())
          for (const [column, value] of sparse[k]!) put(i, place.get(column)!, value);
      });
      const one = singularValues(matrix);
      for (const [k, s] of one.values.entries()) {
        values[at] = s;
        for (const [i, row] of part.rows.entries())
          lefts.push([at, row, one.left.values[k * part.rows.length + i]!]);
        for (const [i, column] of part.columns.entries()) {
          const share = one.right.values[k * part.columns.length + i]!;
          const pixel = Math.floor(column / 3);
          const [down, across] = [rows[Math.floor(pixel / side)]!, columns[pixel % side]!];
          if (share !== 0)
            for (let y = 0; y < side; y++)
              for (let x = 0; x < side; x++)
                add(at, (y * side + x) * 3 + (column % 3), share * down[y]! * across[x]!);
        }
        at++;
      }
    }
  });
  const left = buildMatrix(size, all.length, (add) => {
    for (const [row, column, value] of lefts) add(row, column, value);
  });
  return { values, right, left };
}
