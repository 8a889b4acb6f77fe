import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { takeRows } from '../../internal/cut';
import type { LayerWeights } from './op';

/**
 * Winograd's F(4, 3) down the rows (Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks",
 * CVPR 2016): four rows of the result by six products of sums of rows, instead of twelve of rows. XNNPACK has
 * none of it.
 */
const outputs = 4;

/** Six filters of one row from three rows of a filter. */
const filterTransform = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
] as const;

/** Bytes of weights up to which a model keeps transformed filters, each twice as large, beside its own. */
const largestModel = 2 ** 26;

/** Whether convolutions of a model with so many bytes of weights may be computed like this. */
export const keepsTransformed = (modelBytes: number): boolean =>
  tf.getBackend() === 'wasm' && modelBytes <= largestModel;

/** Where it begins to take less time: channels, and multiplications of the plain convolution of an image. */
const fewest = { channels: 12, products: 1.5e7 };

/**
 * Whether it takes less time than a plain convolution of x to so many channels. The batch does not count: an
 * item is the same alone.
 */
export function paysByRows({ modelBytes }: LayerWeights, x: Tensor4D, to: number): boolean {
  const [batch, , , from] = x.shape;
  const products = (9 * x.size * to) / batch;
  const isLarge = Math.min(from, to) >= fewest.channels && products >= fewest.products;
  return isLarge && keepsTransformed(modelBytes);
}

type Six = readonly [Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D];

const indices = [0, 1, 2, 3, 4, 5] as const;

const six = (make: (k: number) => Tensor3D) => indices.map(make) as unknown as Six;

/** Six sums of the rows 4 i - 1 to 4 i + 4 around each four. */
function sumsOfRows([d0, d1, d2, d3, d4, d5]: Six): Six {
  const even = tf.sub(d4, d2);
  const odd = tf.mul(tf.sub(d3, d1), 2);
  const a = tf.sub(d4, tf.mul(d2, 4));
  const b = tf.sub(d3, tf.mul(d1, 4));
  return [
    tf.add(tf.mul(tf.sub(d0, d2), 4), even),
    tf.add(a, b),
    tf.sub(a, b),
    tf.add(even, odd),
    tf.sub(even, odd),
    tf.sub(tf.sub(d5, d3), tf.mul(odd, 2)),
  ];
}

/** The four rows of the result from the six products, which it frees. */
function rowsOfProducts([m0, m1, m2, m3, m4, m5]: Six): Tensor3D[] {
  const [s, d, s4, d2] = [tf.add(m1, m2), tf.sub(m1, m2), tf.add(m3, m4), tf.sub(m3, m4)];
  tf.dispose([m1, m2, m3, m4]);
  return [
    tf.add(tf.add(m0, s), s4),
    tf.add(d, tf.mul(d2, 2)),
    tf.add(s, tf.mul(s4, 4)),
    tf.add(tf.add(d, tf.mul(d2, 8)), m5),
  ];
}

/** One of the six filters `[1, 3, from, to]`. */
const transformed = (filter: Tensor4D, factors: readonly number[]): Tensor4D => {
  const [, width, from, to] = filter.shape;
  const parts = factors.map((factor, row) =>
    tf.mul(tf.slice(filter, [row, 0, 0, 0], [1, width, from, to]), factor),
  );
  return tf.addN(parts) as Tensor4D;
};

/** The filter to convolve by: that of a layer, or one derived from it under a name. */
export interface NamedFilter {
  readonly name: string;
  readonly bias?: Tensor;
  filter(): Tensor4D;
}

/** The convolution of x by a filter of 3 x 3 with stride 1, as high and wide as x. Runs in a tidy. */
export function conv2dByRows(
  x: Tensor4D,
  weights: LayerWeights,
  { name, filter, bias }: NamedFilter,
): Tensor4D {
  const [batch, height, width, from] = x.shape;
  const count = Math.ceil(height / outputs);
  const rows: Tensor3D = tf.reshape(x, [batch, height, width * from]);
  const sums = tf.tidy<Tensor3D[]>(() => [
    ...sumsOfRows(six((k) => takeRows(rows, { begin: k - 1, step: outputs, count }))),
  ]);
  const to = filter().shape[3];
  const products = sums.map((sum, i) => {
    const flat = weights.derived(`${name} ${i}`, () =>
      tf.tidy(() => transformed(filter(), filterTransform[i]!)),
    ) as Tensor4D;
    const image: Tensor4D = tf.reshape(sum, [batch, count, width, from]);
    // The second product stands once in each of the four rows, and takes the bias to them.
    const part = { ...(i === 1 && bias ? { bias } : {}), strides: 1, pad: 'same' } as const;
    const product = tf.fused.conv2d({ x: image, filter: flat, ...part });
    const row: Tensor3D = tf.reshape(product, [batch, count, width * to]);
    tf.dispose([sum, image, product]);
    return row;
  });
  const parts = tf.tidy(() => rowsOfProducts(products as unknown as Six));
  tf.dispose(products);
  const all: Tensor3D = tf.reshape(tf.concat(parts, 2), [batch, outputs * count, width * to]);
  const exact =
    outputs * count === height ? all : takeRows(all, { begin: 0, step: 1, count: height });
  return tf.reshape(exact, [batch, height, width, to]);
}
