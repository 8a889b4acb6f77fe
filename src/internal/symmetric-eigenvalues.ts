/** Diagonal and off-diagonal of a tridiagonal matrix. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
}

/** `p = A v` from the lower triangle of A, rows and columns from `start` on. */
function lowerTimes(rows: readonly Float64Array[], v: Float64Array, start: number): Float64Array {
  const p = new Float64Array(rows.length);
  for (let i = start; i < rows.length; i++) {
    const row = rows[i]!;
    let sum = 0;
    for (let j = start; j < i; j++) {
      sum += row[j]! * v[j]!;
      p[j]! += row[j]! * v[i]!;
    }
    p[i]! += sum + row[i]! * v[i]!;
  }
  return p;
}

/**
 * The mirror of column k that leaves nothing below its second entry: its unit normal, and what it
 * leaves there.
 */
function mirrorOf(rows: readonly Float64Array[], k: number): { v: Float64Array; left: number } {
  const v = new Float64Array(rows.length);
  for (let i = k + 1; i < rows.length; i++) v[i] = rows[i]![k]!;
  const length = norm(v);
  const left = v[k + 1]! > 0 ? -length : length;
  v[k + 1]! -= left;
  const own = norm(v);
  if (own > 0) for (let i = k + 1; i < rows.length; i++) v[i]! /= own;
  return { v, left };
}

const norm = (v: Float64Array): number =>
  Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));

/** Householder's reduction; overwrites the lower triangle of the symmetric matrix. */
function tridiagonalize(rows: readonly Float64Array[]): Tridiagonal {
  const size = rows.length;
  const beside = new Float64Array(size);
  for (let k = 0; k + 2 < size; k++) {
    const { v, left } = mirrorOf(rows, k);
    beside[k] = left;
    const p = lowerTimes(rows, v, k + 1);
    const half = p.reduce((sum, value, i) => sum + value * v[i]!, 0);
    // A - 2 v w' - 2 w v', with w = p - (v'p) v.
    for (let i = k + 1; i < size; i++) {
      const row = rows[i]!;
      const [vi, wi] = [2 * v[i]!, 2 * (p[i]! - half * v[i]!)];
      for (let j = k + 1; j <= i; j++) row[j]! -= vi * (p[j]! - half * v[j]!) + wi * v[j]!;
    }
  }
  if (size > 1) beside[size - 2] = rows[size - 1]![size - 2]!;
  return { diagonal: Float64Array.from(rows, (row, i) => row[i]!), beside };
}

/** One implicit QR step on the rows `first` to `last`, with the shift of Wilkinson. */
function qrStep({ diagonal: d, beside: e }: Tridiagonal, first: number, last: number): void {
  const coupling = e[last - 1]!;
  const delta = (d[last - 1]! - d[last]!) / 2;
  const root = Math.hypot(delta, coupling);
  const shift = d[last]! - coupling ** 2 / (delta + (delta < 0 ? -root : root));
  let x = d[first]! - shift;
  let z = e[first]!;
  for (let k = first; k < last; k++) {
    const r = Math.hypot(x, z);
    const [c, s] = r === 0 ? [1, 0] : [x / r, z / r];
    if (k > first) e[k - 1] = r;
    const [a, b, between] = [d[k]!, d[k + 1]!, e[k]!];
    const mixed = 2 * c * s * between;
    d[k] = c * c * a + mixed + s * s * b;
    d[k + 1] = s * s * a - mixed + c * c * b;
    x = e[k] = c * s * (b - a) + (c * c - s * s) * between;
    if (k + 1 === last) break;
    z = s * e[k + 1]!;
    e[k + 1]! *= c;
  }
}

/**
 * The eigenvalues of a symmetric matrix, in no order, by Householder's reduction and implicit QR
 * steps. Only the lower triangle of `rows` is read, and it is overwritten.
 *
 * Reference: Golub & Van Loan, Matrix computations, section 8.3.
 */
export function symmetricEigenvalues(rows: readonly Float64Array[]): Float64Array {
  const matrix = tridiagonalize(rows);
  const { diagonal, beside } = matrix;
  const negligible = (k: number) =>
    Math.abs(beside[k]!) <= Number.EPSILON * (Math.abs(diagonal[k]!) + Math.abs(diagonal[k + 1]!));
  let last = rows.length - 1;
  // NaN is never negligible: without a limit it would go on for ever.
  for (let steps = 0; last > 0 && steps < 60 * rows.length; steps++) {
    if (negligible(last - 1)) {
      last--;
      continue;
    }
    let first = last - 1;
    while (first > 0 && !negligible(first - 1)) first--;
    qrStep(matrix, first, last);
  }
  return diagonal;
}
