/** A dense matrix in float64, as its rows. */
export type Dense = readonly (readonly number[])[];

/** A column of numbers. */
export type Column = readonly number[];

/** A matrix from a function of row and column. */
export const dense = (rows: number, columns: number, entry: (i: number, j: number) => number) =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => entry(i, j)));

/** The identity, times a number. */
export const eye = (size: number, value = 1): Dense =>
  dense(size, size, (i, j) => (i === j ? value : 0));

/** `A'`. */
export const transpose = (a: Dense): Dense => dense(a[0]!.length, a.length, (i, j) => a[j]![i]!);

/** `A x`. */
export const apply = (a: Dense, x: Column): Column =>
  a.map((row) => row.reduce((sum, value, j) => sum + value * x[j]!, 0));

/** `A B C …`. */
export const product = (first: Dense, ...rest: readonly Dense[]): Dense =>
  rest.reduce((a, b) => {
    const columns = transpose(b);
    return a.map((row) => columns.map((column) => apply([row], column)[0]!));
  }, first);

/** `a A + b B`. */
export const combine = (a: number, x: Dense, b: number, y: Dense): Dense =>
  dense(x.length, x[0]!.length, (i, j) => a * x[i]![j]! + b * y[i]![j]!);

/** `a x + b y`. */
export const mix = (a: number, x: Column, b: number, y: Column): Column =>
  x.map((value, i) => a * value + b * y[i]!);

/** One Jacobi rotation, which clears `a[p][q]`; v turns along. */
function rotate(a: number[][], v: number[][], p: number, q: number): void {
  const angle = 0.5 * Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const turn = (x: number[], y: number[], i: number, j: number) => {
    const [left, right] = [x[i]!, y[j]!];
    x[i] = c * left - s * right;
    y[j] = s * left + c * right;
  };
  for (const row of [...a, ...v]) turn(row, row, p, q);
  for (let k = 0; k < a.length; k++) turn(a[p]!, a[q]!, k, k);
}

/**
 * `f(S)` of a symmetric matrix: f of its eigenvalues, in its eigenvectors. By Jacobi's rotations, so
 * that nothing of the library is needed to test it.
 */
export function spectral(matrix: Dense, f: (eigenvalue: number) => number): Dense {
  const size = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v = eye(size).map((row) => [...row]);
  for (let round = 0; round < 12; round++)
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) if (Math.abs(a[p]![q]!) > 1e-16) rotate(a, v, p, q);
  const scaled = v.map((row) => row.map((value, k) => value * f(a[k]![k]!)));
  return product(scaled, transpose(v));
}

/** `S⁻¹` of a symmetric positive matrix. */
export const inverse = (matrix: Dense): Dense => spectral(matrix, (value) => 1 / value);

/** `A⁺`, singular values below 1e-4 of 1 counted as 0. */
export const pseudoInverse = (a: Dense): Dense =>
  product(
    spectral(product(transpose(a), a), (s2) => (s2 > 1e-8 ? 1 / s2 : 0)),
    transpose(a),
  );
