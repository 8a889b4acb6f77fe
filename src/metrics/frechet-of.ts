import { symmetricEigen } from '../internal/symmetric-eigen';

type Rows = readonly Float64Array[];

/** A set of samples: its mean, and rows R whose `R'R` is its covariance. */
interface Gaussian {
  readonly mean: Float64Array;
  readonly root: Rows;
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/**
 * The upper triangle R of `R'R = rows' rows`. A feature that depends on those before it has no row of
 * its own, so that it takes no rounding for variance.
 */
function triangle(rows: Rows, width: number): Float64Array[] {
  const result: Float64Array[] = [];
  const products = Array.from({ length: width }, () => new Float64Array(width));
  for (const row of rows)
    for (let i = 0; i < width; i++) {
      const [target, factor] = [products[i]!, row[i]!];
      for (let j = i; j < width; j++) target[j]! += factor * row[j]!;
    }
  const tiny = products.map((row, i) => width * Number.EPSILON * row[i]!);
  for (let i = 0; i < width; i++) {
    const row = products[i]!;
    if (!(row[i]! > tiny[i]!)) continue;
    const scale = 1 / Math.sqrt(row[i]!);
    for (let j = i; j < width; j++) row[j]! *= scale;
    result.push(row.fill(0, 0, i));
    for (let k = i + 1; k < width; k++) {
      const [target, factor] = [products[k]!, row[k]!];
      for (let j = k; j < width; j++) target[j]! -= factor * row[j]!;
    }
  }
  return result;
}

/** Centres `[samples, width]` numbers; of many samples only the triangle is kept. */
function gaussianOf(data: ArrayLike<number>, width: number): Gaussian {
  const samples = data.length / width;
  const mean = new Float64Array(width);
  for (let k = 0; k < data.length; k++) mean[k % width]! += data[k]! / samples;
  const scale = 1 / Math.sqrt(samples - 1);
  const rows = Array.from({ length: samples }, (_, k) =>
    Float64Array.from(mean, (value, i) => scale * (data[k * width + i]! - value)),
  );
  return { mean, root: samples > width ? triangle(rows, width) : rows };
}

/**
 * `trace sqrt(C D)` for `C = R'R` and `D = S'S`: the sum of the singular values of `R S'`, whose
 * squares are the eigenvalues of `(R S')(R S')'`.
 */
function traceOfRoot(r: Rows, s: Rows): number {
  const [few, many] = r.length <= s.length ? [r, s] : [s, r];
  const product = few.map((row) => Float64Array.from(many, (other) => dot(row, other)));
  const gram = product.map((row) => Float64Array.from(product, (other) => dot(row, other)));
  const { values } = symmetricEigen(gram, { vectors: false });
  return sum(values.map((value) => Math.sqrt(Math.max(value, 0))));
}

/** The Fréchet distance of two sets of `[samples, width]` numbers. */
export function frechetOf(a: ArrayLike<number>, b: ArrayLike<number>, width: number): number {
  const [p, q] = [gaussianOf(a, width), gaussianOf(b, width)];
  const shift = p.mean.map((value, i) => value - q.mean[i]!);
  const spread = [...p.root, ...q.root].reduce((total, row) => total + dot(row, row), 0);
  return dot(shift, shift) + spread - 2 * traceOfRoot(p.root, q.root);
}
