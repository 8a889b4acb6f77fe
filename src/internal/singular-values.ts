import { buildMatrix, type Matrix } from './separable';
import { symmetricEigen } from './symmetric-eigen';

/** `R = U diag(s) V'` with V square: one s for each input, 0 past the rank. */
export interface SingularValues {
  /** s, largest first, `inputs` of them. */
  readonly values: Float32Array;
  /** `V'`, `[inputs, inputs]`. */
  readonly right: Matrix;
  /** `U'`, `[inputs, outputs]`; rows of zeros where s is 0. */
  readonly left: Matrix;
}

/** A singular value below this share of the largest is rounding. */
const roundingLevel = 1e-7;

const dot = (a: Float64Array, b: ArrayLike<number>, from = 0): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[from + i]!;
  return sum;
};

/** `R'R`, row by row. */
function gram({ values, outputs, inputs }: Matrix): Float64Array[] {
  const rows = Array.from({ length: inputs }, () => new Float64Array(inputs));
  for (let k = 0; k < outputs; k++)
    for (let i = 0; i < inputs; i++) {
      const value = values[k * inputs + i]!;
      if (value !== 0)
        for (let j = 0; j < inputs; j++) rows[i]![j]! += value * values[k * inputs + j]!;
    }
  return rows;
}

/** What is left of v outside the span of orthonormal vectors. */
function outside(v: Float64Array, span: readonly Float64Array[]): Float64Array {
  for (const u of span) {
    const share = dot(u, v);
    for (let i = 0; i < v.length; i++) v[i]! -= share * u[i]!;
  }
  return v;
}

const matrixOf = (rows: readonly Float64Array[], outputs: number, inputs: number): Matrix =>
  buildMatrix(outputs, inputs, (add) => {
    for (const [i, row] of rows.entries()) for (const [j, value] of row.entries()) add(i, j, value);
  });

/**
 * The singular value decomposition of a matrix in float64, from the eigenvectors v of `R'R`: each
 * `R v`, made orthogonal to those of larger s, is `s u`.
 */
export function singularValues(matrix: Matrix): SingularValues {
  const { outputs, inputs } = matrix;
  const { vectors } = symmetricEigen(gram(matrix));
  const values = new Float32Array(inputs);
  const left: Float64Array[] = [];
  for (const [k, v] of vectors.entries()) {
    const image = Float64Array.from({ length: outputs }, (_, i) =>
      dot(v, matrix.values, i * inputs),
    );
    const rest = outside(image, left);
    const s = Math.sqrt(dot(rest, rest));
    if (s <= roundingLevel * values[0]!) break;
    values[k] = s;
    left.push(rest.map((value) => value / s));
  }
  return {
    values,
    right: matrixOf(vectors, inputs, inputs),
    left: matrixOf(left, inputs, outputs),
  };
}
