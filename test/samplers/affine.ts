import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser, InverseProblem, LinearOperator, RunContext, Sampler } from 'spgd';
import {
  apply,
  type Column,
  combine,
  type Dense,
  dense,
  eye,
  inverse,
  product,
  transpose,
} from '../support/dense';

/** Mean and covariance. */
export interface Moments {
  readonly mean: Column;
  readonly covariance: Dense;
}

/** Height and width of the images, of one channel. */
export type Size = readonly [height: number, width: number];

/** A row of numbers for each item, as images. */
const images = (rows: Dense, [height, width]: Size): Tensor4D =>
  tf.tensor4d(rows.flat(), [rows.length, height, width, 1]);

/** The numbers of each item. */
const rowsOf = (x: Tensor4D): Dense => {
  const values = x.dataSync();
  const size = values.length / x.shape[0];
  return dense(x.shape[0], size, (i, j) => values[i * size + j]!);
};

/** The denoiser of a Gaussian prior with any covariance C: `D(x) = m + C (C + sigma² I)⁻¹ (x - m)`. */
export function correlatedPrior({ mean, covariance }: Moments, size: Size): Denoiser {
  return {
    denoise: (x, sigma) =>
      tf.tidy(() => {
        const K = tf.tensor2d(transpose(gain(covariance, sigma)) as number[][]);
        const m = images([mean], size);
        const flat = tf.reshape(tf.sub(x, m), [x.shape[0], mean.length]);
        return tf.add<Tensor4D>(tf.reshape(tf.matMul(flat as tf.Tensor2D, K), x.shape), m);
      }),
  };
}

/** `C (C + sigma² I)⁻¹`: the linear part of the denoiser. */
export const gain = (covariance: Dense, sigma: number): Dense =>
  product(covariance, inverse(combine(1, covariance, sigma ** 2, eye(covariance.length))));

/** The matrix of a linear operator, by the images that have one pixel. */
export const matrixOf = (operator: LinearOperator, size: Size): Dense =>
  transpose(rowsOf(operator.forward(images(eye(size[0] * size[1]), size))));

/**
 * Mean and covariance of what a sampler gives, without any chance: a method that is affine in its
 * noise is run on a batch in which each number of `x_T` and of each draw is 1 once, all others 0. A
 * step makes at most `draws` of them, each of the shape of an image.
 */
export async function exactMoments(
  sampler: Sampler,
  { measurement, ...problem }: InverseProblem,
  schedule: readonly number[],
  size: Size,
  draws = 1,
): Promise<Moments> {
  const pixels = size[0] * size[1];
  const total = schedule.length - 1;
  const batch = 1 + pixels * (1 + total * draws);
  /** Item 1 + pixels * draw + j has a 1 at pixel j of this draw. */
  const unit = (draw: number, value: number) =>
    images(
      dense(batch, pixels, (item, j) => (item === 1 + pixels * draw + j ? value : 0)),
      size,
    );
  let step = 0;
  let drawn = 0;
  const run: RunContext = {
    shape: [batch, size[0], size[1], 1],
    schedule,
    initial: () => unit(0, schedule[0]!),
    normal: () => {
      if (drawn === draws) throw new Error(`more than ${draws} draws in one step`);
      return unit(1 + step * draws + drawn++, 1);
    },
    tick: async () => {},
  };
  const tiled = { ...problem, measurement: tf.tile(measurement, [batch, 1, 1, 1]) };
  let state = sampler.init(tiled, run);
  for (let index = 0; index < total; index++) {
    step = index;
    drawn = 0;
    const level = { index, total, sigma: schedule[index]!, sigmaNext: schedule[index + 1]! };
    state = (await sampler.step(state, tiled, level, run)).state;
  }
  const [mean, ...answers] = rowsOf(state.x);
  const columns = answers.map((answer) => answer.map((value, j) => value - mean![j]!));
  return { mean: mean!, covariance: product(transpose(columns), columns) };
}

/** One step of a paper: `x' = F x + f + G n`; G is as wide as there are numbers in its draws. */
export interface AffineStep {
  readonly F: Dense;
  readonly f: Column;
  readonly G: Dense;
}

/** Mean and covariance after the steps, from `x_T` of mean 0 and covariance `sigma_0² I`. */
export const stepMoments = (
  steps: readonly AffineStep[],
  { pixels, sigma }: { pixels: number; sigma: number },
): Moments =>
  steps.reduce<Moments>(
    ({ mean, covariance }, { F, f, G }) => ({
      mean: apply(F, mean).map((value, i) => value + f[i]!),
      covariance: combine(1, product(F, covariance, transpose(F)), 1, product(G, transpose(G))),
    }),
    { mean: new Array(pixels).fill(0), covariance: eye(pixels, sigma ** 2) },
  );
