import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  averagePooling,
  type Denoiser,
  gaussianNoise,
  type InverseProblem,
  inpainting,
  type SpectralOperator,
} from 'spgd';
import type { Moments } from '../test/samplers/affine';
import {
  apply,
  type Column,
  combine,
  type Dense,
  dense,
  eye,
  inverse,
  mix,
  product,
  spectral,
  transpose,
} from '../test/support/dense';

/** An inverse problem whose blocks of 2 x 2 pixels are independent copies of one of four numbers. */
export interface BlockProblem {
  readonly problem: InverseProblem;
  /** The true posterior of a block. */
  readonly posterior: Moments;
}

/** Blocks of an image, `[batch * blocks, 4]`, and back. */
const toBlocks = (x: Tensor4D): Tensor2D => {
  const [batch, height, width] = x.shape;
  const split = tf.reshape(x, [batch, height / 2, 2, width / 2, 2]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4]), [-1, 4]);
};
const fromBlocks = (blocks: Tensor2D, [batch, height, width]: Tensor4D['shape']): Tensor4D => {
  const split = tf.reshape(blocks, [batch, height / 2, width / 2, 2, 2]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4]), [batch, height, width, 1]);
};

/** Independent Gaussian blocks: `D = m + C (C + sigma² I)⁻¹ (x - m)` in each. */
function blockPrior({ mean, covariance }: Moments): Denoiser {
  const gain = (sigma: number) => {
    const noisy = combine(1, covariance, sigma ** 2, eye(4));
    return tf.tensor2d(product(covariance, inverse(noisy)).map((row) => [...row]));
  };
  const multiply = (x: Tensor4D, matrix: Tensor2D) =>
    fromBlocks(tf.matMul(toBlocks(x), matrix), x.shape);
  const denoise = (x: Tensor4D, sigma: number): Tensor4D =>
    tf.tidy(() => {
      const m = tf.tensor2d([[...mean]]);
      const K = tf.transpose(gain(sigma)) as Tensor2D;
      const moved = tf.add<Tensor2D>(tf.matMul(tf.sub<Tensor2D>(toBlocks(x), m), K), m);
      return fromBlocks(moved, x.shape);
    });
  return {
    denoise,
    linearize: (x, sigma) => ({
      denoised: denoise(x, sigma),
      backward: (cotangent) => tf.tidy(() => multiply(cotangent, gain(sigma))),
      dispose: () => {},
    }),
  };
}

/** Neighbours that resemble each other, of different means. */
const prior: Moments = {
  mean: [0.2, -0.1, 0.3, 0],
  covariance: dense(4, 4, (i, j) => {
    const apart = Math.abs((i >> 1) - (j >> 1)) + Math.abs((i & 1) - (j & 1));
    return 0.25 * 0.7 ** apart;
  }),
};

/** `N(m + W (y - A m), C - W A C)` with `W = C A' (A C A' + std² I)⁻¹`. */
function posteriorOf(A: Dense, y: Column, std: number): Moments {
  const { mean, covariance: C } = prior;
  const noise = eye(A.length, std ** 2);
  const W = product(C, transpose(A), inverse(combine(1, product(A, C, transpose(A)), 1, noise)));
  return {
    mean: mix(1, mean, 1, apply(W, mix(1, y, -1, apply(A, mean)))),
    covariance: combine(1, C, -1, product(W, A, C)),
  };
}

const std = 0.1;

const gaussianProblem = (operator: SpectralOperator, measurement: Tensor4D): InverseProblem => ({
  denoiser: blockPrior(prior),
  operator,
  measurement,
  noise: gaussianNoise(std),
});

/** The Gaussian problems by their names; the images are `[batch, side, side, 1]`. */
export const blockProblems: Readonly<
  Record<string, (batch: number, side: number) => BlockProblem>
> = {
  'two of four pixels known': (batch, side) => {
    const y = [0.6, 0, 0, -0.4];
    const A = dense(4, 4, (i, j) => (i === j && y[i] !== 0 ? 1 : 0));
    const tile = (values: Column): Tensor4D =>
      tf.tile(tf.tensor4d([...values], [1, 2, 2, 1]), [1, side / 2, side / 2, 1]);
    const mask = tile(y.map((value) => (value === 0 ? 0 : 1)));
    const measurement = tf.tile<Tensor4D>(tile(y), [batch, 1, 1, 1]);
    return {
      problem: gaussianProblem(inpainting({ mask }), measurement),
      posterior: posteriorOf(A, y, std),
    };
  },
  'mean of four pixels known': (batch, side) => ({
    problem: gaussianProblem(
      averagePooling({ scale: 2 }),
      tf.fill([batch, side / 2, side / 2, 1], 0.5),
    ),
    posterior: posteriorOf([[0.25, 0.25, 0.25, 0.25]], [0.5], std),
  }),
};

/** Mean and covariance over the blocks of images. */
export async function blockMoments(images: Tensor4D): Promise<Moments> {
  const blocks = tf.tidy(() => toBlocks(images));
  const rows = (await blocks.array()) as number[][];
  blocks.dispose();
  return momentsOf(rows);
}

/** Mean and covariance of rows of four numbers. */
export function momentsOf(rows: Dense): Moments {
  const mean = [0, 1, 2, 3].map((j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length);
  const covariance = dense(4, 4, (i, j) => {
    const products = rows.reduce(
      (sum, row) => sum + (row[i]! - mean[i]!) * (row[j]! - mean[j]!),
      0,
    );
    return products / rows.length;
  });
  return { mean, covariance };
}

/** Draws from Gaussian moments: what a perfect sampler would give. */
export function exactDraws({ mean, covariance }: Moments, count: number, normal: () => number) {
  const root = spectral(covariance, (value) => Math.sqrt(Math.max(0, value)));
  return Array.from({ length: count }, () =>
    mix(1, mean, 1, apply(root, [0, 0, 0, 0].map(normal))),
  );
}
