import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** A dense matrix in plain memory, `[outputs, inputs]`, with its transpose at hand. */
export interface Matrix {
  readonly outputs: number;
  readonly inputs: number;
  readonly values: Float32Array;
  readonly transposed: Float32Array;
}

/** A separable linear map of images, `R x C'`: `rows` acts along the height, `columns` along the width. */
export interface SeparableMap {
  readonly rows: Matrix;
  readonly columns: Matrix;
}

/** Builds a matrix from terms: `add(output, input, value)` may meet the same entry many times. */
export function buildMatrix(
  outputs: number,
  inputs: number,
  fill: (add: (output: number, input: number, value: number) => void) => void,
): Matrix {
  const sums = new Float64Array(outputs * inputs);
  fill((output, input, value) => {
    sums[output * inputs + input]! += value;
  });
  const transposed = new Float32Array(sums.length);
  for (let i = 0; i < outputs; i++)
    for (let j = 0; j < inputs; j++) transposed[j * outputs + i] = sums[i * inputs + j]!;
  return { outputs, inputs, values: Float32Array.from(sums), transposed };
}

/** Remembers the matrix of each size: plain arrays, so that no tensor outlives its use. */
export function matrixBySize(make: (size: number) => Matrix): (size: number) => Matrix {
  const known = new Map<number, Matrix>();
  return (size) => {
    const matrix = known.get(size) ?? make(size);
    known.set(size, matrix);
    return matrix;
  };
}

/** Contracts the last axis with a `[last, n]` matrix: 2-D and untransposed, the fast case on wasm. */
function alongLast(x: Tensor4D, matrix: Tensor2D): Tensor4D {
  const [a, b, c, last] = x.shape;
  const product = tf.matMul(tf.reshape(x, [a * b * c, last]), matrix);
  return tf.reshape(product, [a, b, c, matrix.shape[1]]);
}

function contract(x: Tensor4D, alongHeight: () => Tensor2D, alongWidth: () => Tensor2D): Tensor4D {
  return tf.tidy(() => {
    const wide = alongLast(tf.transpose(x, [0, 1, 3, 2]), alongWidth());
    const both = alongLast(tf.transpose(wide, [0, 3, 2, 1]), alongHeight());
    return tf.transpose(both, [0, 3, 1, 2]);
  });
}

/** `R x C'` for every item and channel: `[batch, H, W, channels]` to `[batch, h, w, channels]`. */
export const applySeparable = (x: Tensor4D, { rows, columns }: SeparableMap): Tensor4D =>
  contract(
    x,
    () => tf.tensor2d(rows.transposed, [rows.inputs, rows.outputs]),
    () => tf.tensor2d(columns.transposed, [columns.inputs, columns.outputs]),
  );

/** `R' y C`, the transpose of `applySeparable`. */
export const applySeparableTransposed = (y: Tensor4D, { rows, columns }: SeparableMap): Tensor4D =>
  contract(
    y,
    () => tf.tensor2d(rows.values, [rows.outputs, rows.inputs]),
    () => tf.tensor2d(columns.values, [columns.outputs, columns.inputs]),
  );
