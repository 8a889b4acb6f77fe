/** Eigenvalues, largest first, and the eigenvector of each as a row. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

const dot = (a: Float64Array, b: Float64Array, from = 0): number => {
  let sum = 0;
  for (let i = from; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** Rows of the identity, or only its first `width` columns. */
const identity = (size: number, width: number): Float64Array[] =>
  Array.from({ length: size }, (_, i) => new Float64Array(width).fill(1, i, i + 1));

/** The unit vector v, 0 up to k, for which `I - 2 v v'` clears column k below its second entry. */
function reflector(column: Float64Array, k: number): Float64Array | undefined {
  const v = column.slice().fill(0, 0, k + 1);
  const length = Math.sqrt(dot(v, v));
  if (length === 0) return undefined;
  v[k + 1]! += v[k + 1]! < 0 ? -length : length;
  const norm = Math.sqrt(dot(v, v));
  return v.map((value) => value / norm);
}

/** Makes the rows tridiagonal by `Q' A Q`, in place, and gives `width` columns of the rows of `Q'`. */
function tridiagonalize(rows: readonly Float64Array[], width: number): Float64Array[] {
  const size = rows.length;
  const basis = identity(size, width);
  for (let k = 0; k < size - 2; k++) {
    const v = reflector(rows[k]!, k);
    if (!v) continue;
    // A -= 2 v w' + 2 w v', with w = A v - (v' A v) v.
    const image = Float64Array.from(rows, (row) => dot(row, v, k + 1));
    const overlap = dot(image, v);
    const w = image.map((value, i) => 2 * (value - overlap * v[i]!));
    const turned = new Float64Array(width);
    for (let i = k; i < size; i++) {
      const [row, vi, wi, frame] = [rows[i]!, v[i]!, w[i]!, basis[i]!];
      for (let j = k; j < size; j++) row[j]! -= vi * w[j]! + wi * v[j]!;
      for (let j = 0; j < width; j++) turned[j]! += 2 * vi * frame[j]!;
    }
    for (let i = k + 1; i < size; i++) {
      const [vi, frame] = [v[i]!, basis[i]!];
      for (let j = 0; j < width; j++) frame[j]! -= vi * turned[j]!;
    }
  }
  return basis;
}

/** One implicit QL sweep over the block from `first` to `last`; turns the basis along. */
function sweep(
  d: Float64Array,
  e: Float64Array,
  basis: readonly Float64Array[],
  first: number,
  last: number,
): void {
  const shift = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  let g = d[last]! - d[first]! + e[first]! / (shift + Math.sign(shift || 1) * Math.hypot(shift, 1));
  let [sine, cosine, moved] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= moved;
      e[last] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - moved;
    const t = (d[i]! - g) * sine + 2 * cosine * b;
    moved = sine * t;
    d[i + 1] = g + moved;
    g = cosine * t - b;
    rotate(basis[i]!, basis[i + 1]!, cosine, sine);
  }
  d[first]! -= moved;
  e[first] = g;
  e[last] = 0;
}

function rotate(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let k = 0; k < a.length; k++) {
    const [left, right] = [a[k]!, b[k]!];
    a[k] = cosine * left - sine * right;
    b[k] = sine * left + cosine * right;
  }
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, given by its rows (which it overwrites):
 * Householder's tridiagonal form, then implicit QL steps. Without `vectors` those stay empty, which
 * saves most of the work.
 *
 * Reference: Golub and Van Loan, "Matrix Computations", chapter 8.3.
 */
export function symmetricEigen(
  rows: readonly Float64Array[],
  { vectors = true }: { vectors?: boolean } = {},
): Eigen {
  const size = rows.length;
  const basis = tridiagonalize(rows, vectors ? size : 0);
  const d = Float64Array.from(rows, (row, i) => row[i]!);
  const e = Float64Array.from(rows, (row, i) => row[i + 1] ?? 0);
  const tolerance = 2 ** -52 * d.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let first = 0; first < size; first++) {
    for (;;) {
      let last = first;
      while (last < size - 1 && Math.abs(e[last]!) > tolerance) last++;
      if (last === first) break;
      sweep(d, e, basis, first, last);
    }
  }
  const order = [...d.keys()].sort((a, b) => d[b]! - d[a]!);
  return {
    values: Float64Array.from(order, (i) => d[i]!),
    vectors: order.map((i) => basis[i]!),
  };
}
