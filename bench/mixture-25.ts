/**
 * A public benchmark whose posterior is known: 25 Gaussians in eight dimensions, of which a random
 * matrix measures one, two or four combinations.
 *
 * The problem is that of MCG-Diff (Cardoso et al., "Monte Carlo guided Diffusion for Bayesian linear
 * inverse problems", ICLR 2024), as github.com/gabrielvc/benchopts_inverse_problem_diffusion_prior
 * defines it; `mixture-25.json` holds the instances that its code draws for seed 27 with PyTorch
 * 2.13.0, the matrix by its singular value decomposition.
 */
import { readFileSync } from 'node:fs';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { gaussianMixture, gaussianNoise, type InverseProblem } from 'spgd';
import { normalNumber } from '../src/internal/random';
import { linearOperator } from '../src/operators/linear-operator';
import {
  apply,
  combine,
  type Dense,
  eye,
  inverse,
  mix,
  product,
  spectral,
  transpose,
} from '../test/support/dense';

/** One instance: `A = left diag(values) right`, the last rows of `right` unmeasured. */
interface Instance {
  readonly left: Dense;
  readonly values: readonly number[];
  readonly right: Dense;
  readonly measurement: readonly number[];
  readonly noiseStd: number;
  readonly weights: readonly number[];
}

/** The instances, of 1, 2 and 4 measured numbers. */
export const instances: readonly Instance[] = JSON.parse(
  readFileSync(new URL('mixture-25.json', import.meta.url), 'utf8'),
);

const dimensions = 8;
const places = [-2, -1, 0, 1, 2];

/** Means of the modes: (-8 i, -8 j), four times each; their covariance is the identity. */
const means = places.flatMap((i) =>
  places.map((j) => Array.from({ length: dimensions }, (_, k) => -8 * (k % 2 ? j : i))),
);

const asImage = (values: readonly number[]): Tensor4D =>
  tf.tensor4d([...values], [1, 1, 1, values.length]);

/** `x M` over the channels. */
const times = (x: Tensor4D, matrix: Dense): Tensor4D =>
  tf.tidy(() => {
    const rows = tf.reshape(x, [-1, matrix.length]);
    const result = tf.matMul(rows, tf.tensor2d(matrix.map((row) => [...row])));
    return tf.reshape(result, [-1, 1, 1, matrix[0]!.length]) as Tensor4D;
  });

const matrixOf = ({ left, values, right }: Instance): Dense => {
  const scaled = left.map((row) => row.map((entry, k) => entry * values[k]!));
  return product(scaled, right.slice(0, values.length));
};

/** The inverse problem for a batch of `[1, 1, 8]` images. */
export function problemOf(instance: Instance, batch: number): InverseProblem {
  const { left, values, right, measurement, noiseStd, weights } = instance;
  const A = matrixOf(instance);
  const missing = dimensions - values.length;
  return {
    denoiser: gaussianMixture(
      means.map((mean, k) => ({ mean: asImage(mean), std: 1, weight: weights[k]! })),
    ),
    operator: linearOperator({
      name: 'matrix',
      imageShape: ([items]) => [items, 1, 1, dimensions],
      forward: (x) => times(x, transpose(A)),
      adjoint: (y) => times(y, A),
      spectrum: {
        values: () => asImage([...values, ...Array<number>(missing).fill(0)]),
        analyze: (x) => times(x, transpose(right)),
        synthesize: (coefficients) => times(coefficients, right),
        analyzeMeasurement: (y) =>
          tf.tidy(() => tf.pad(times(y, left), [[0, 0], [0, 0], [0, 0], [0, missing]])), // biome-ignore format: one axis
      },
    }),
    measurement: tf.tile(asImage(measurement), [batch, 1, 1, 1]),
    noise: gaussianNoise(noiseStd),
  };
}

/** One number a dimension from the standard normal distribution. */
const drawn = (uniform: () => number): number[] =>
  Array.from({ length: dimensions }, () => normalNumber(uniform));

/** Draws from the true posterior, itself a mixture of 25 Gaussians of one covariance. */
export function exactSamples(instance: Instance, count: number, uniform: () => number): Dense {
  const { measurement: y, noiseStd, weights } = instance;
  const A = matrixOf(instance);
  const precision = inverse(combine(1, product(A, transpose(A)), 1, eye(y.length, noiseStd ** 2)));
  const gain = product(transpose(A), precision);
  const root = spectral(combine(1, eye(dimensions), -1, product(gain, A)), (value) =>
    Math.sqrt(Math.max(0, value)),
  );
  const residuals = means.map((mean) => mix(1, y, -1, apply(A, mean)));
  const energies = residuals.map((r) => apply([r], apply(precision, r))[0]! / 2);
  const least = Math.min(...energies);
  const shares = weights.map((weight, k) => weight * Math.exp(least - energies[k]!));
  const upTo = shares.map((_, k) => shares.slice(0, k + 1).reduce((sum, share) => sum + share, 0));
  const total = upTo.at(-1)!;
  return Array.from({ length: count }, () => {
    const at = uniform() * total;
    const k = upTo.findIndex((share) => share > at);
    const centre = mix(1, means[k]!, 1, apply(gain, residuals[k]!));
    return mix(1, centre, 1, apply(root, drawn(uniform)));
  });
}

/**
 * The largest 2-Wasserstein distance between two clouds along 100 random directions, as the benchmark
 * takes it. The larger cloud has a multiple of the points of the smaller.
 */
export function maxSlicedWasserstein(a: Dense, b: Dense, uniform: () => number): number {
  const along = (rows: Dense, direction: readonly number[]) =>
    Float64Array.from(apply(rows, direction)).sort();
  const distances = Array.from({ length: 100 }, () => {
    const normals = drawn(uniform);
    const direction = normals.map((value) => value / Math.hypot(...normals));
    const [few, many] = [along(a, direction), along(b, direction)];
    const repeat = many.length / few.length;
    const squares = many.reduce((sum, v, i) => sum + (v - few[Math.floor(i / repeat)]!) ** 2, 0);
    return Math.sqrt(squares / many.length);
  });
  return Math.max(...distances);
}

/** The samples of a batch of images. */
export const rowsOf = async (images: Tensor4D): Promise<Dense> =>
  (await images.reshape([-1, dimensions]).array()) as number[][];
