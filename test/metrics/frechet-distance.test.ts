import { readFileSync } from 'node:fs';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { fid, frechetDistance } from 'spgd';
import { describe, expect, it } from 'vitest';
import { uniform } from '../models/graph/filled-weights';
import { useTestBackend } from '../support/backend';
import { errorNaming } from '../support/error-naming';

/**
 * `|m_a - m_b|² + trace(C_a + C_b - 2 scipy.linalg.sqrtm(C_a @ C_b).real)` with `numpy.cov`, by
 * test/fixtures/metrics/make.py; where C is singular, sqrtm itself is right to about 1e-7.
 */
const recorded: Record<string, number> = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/frechet.json', import.meta.url), 'utf8'),
);

const rows = (key: string, count: number, width: number): Tensor2D =>
  tf.tensor2d(uniform(key, count * width), [count, width]);

/** The last column is the sum of two others, and one is constant. */
const dependent = (key: string, count: number): Tensor2D => {
  const columns = tf.split(rows(key, count, 12), 12, 1);
  columns[11] = tf.add(columns[0]!, columns[1]!);
  columns[2] = tf.fill([count, 1], 0.5);
  return tf.concat(columns as Tensor2D[], 1);
};

const cases: Record<string, () => [Tensor2D, Tensor2D]> = {
  'many samples': () => [
    rows('p', 60, 12),
    tf.add(tf.mul(rows('q', 45, 12), 1.5), 0.25) as Tensor2D,
  ],
  'fewer samples than features': () => [rows('p', 7, 12), rows('q', 5, 12)],
  'fewer samples on one side': () => [rows('p', 7, 12), rows('q', 45, 12)],
  'dependent features': () => [dependent('p', 60), dependent('q', 45)],
  'two dimensions': () => [rows('p', 50, 2), rows('q', 50, 2)],
};

/** `check` with two sets of features that are disposed after it. */
async function withPair(
  make: () => [Tensor2D, Tensor2D],
  check: (a: Tensor2D, b: Tensor2D) => Promise<void>,
): Promise<void> {
  const [a, b] = tf.tidy(make);
  await check(a, b);
  tf.dispose([a, b]);
}

describe('frechetDistance', () => {
  useTestBackend('cpu');

  it.each(Object.entries(cases))('gives the number of scipy: %s', (name, make) =>
    withPair(make, async (a, b) => {
      expect(Math.abs((await frechetDistance(a, b)) - recorded[name]!)).toBeLessThan(1e-6);
    }),
  );

  it.each(Object.entries(cases))('is symmetric, and 0 from a set to itself: %s', (_, make) =>
    withPair(make, async (a, b) => {
      const there = await frechetDistance(a, b);
      expect(Math.abs((await frechetDistance(b, a)) - there)).toBeLessThan(1e-7);
      expect(Math.abs(await frechetDistance(a, a))).toBeLessThan(1e-6);
    }),
  );

  it('is the squared distance of means and of standard deviations in one dimension', () =>
    withPair(
      () => [tf.tensor2d([[-1], [1], [-1], [1]]), tf.tensor2d([[2], [4], [8], [10]])],
      async (a, b) => {
        const expected = 6 ** 2 + (Math.sqrt(4 / 3) - Math.sqrt(40 / 3)) ** 2;
        expect(await frechetDistance(a, b)).toBeCloseTo(expected, 10);
      },
    ));

  it('is NaN, and ends, where a feature is NaN', () =>
    withPair(
      () => [tf.fill([5, 3], NaN), tf.ones([4, 3])],
      async (a, b) => {
        expect(await frechetDistance(a, b)).toBeNaN();
      },
    ));

  it('names the argument, the rule and the value that broke it', () =>
    withPair(
      () => [rows('p', 5, 3), rows('q', 1, 3)],
      async (a, b) => {
        await expect(frechetDistance(a, b)).rejects.toThrow(
          errorNaming('RangeError', 'frechetDistance: b', 'at least 2', 'got 1'),
        );
        const wide = rows('p', 3, 5);
        await expect(frechetDistance(a, wide)).rejects.toThrow(
          errorNaming('RangeError', 'frechetDistance: b', 'of 3 features', 'got 5'),
        );
        const flat = tf.ones([4]) as unknown as Tensor2D;
        await expect(frechetDistance(flat, a)).rejects.toThrow(
          errorNaming('TypeError', 'frechetDistance: a', '[samples, features]', 'got [4]'),
        );
        tf.dispose([wide, flat]);
      },
    ));
});

describe('fid', () => {
  useTestBackend('cpu');

  /** Means of each quarter of the image: 12 features. */
  const quarters = (x: Tensor4D): Tensor2D =>
    tf.reshape(tf.avgPool(x, [4, 5], [4, 5], 'valid'), [x.shape[0], 12]);

  const images = (key: string, count: number): Tensor4D =>
    tf.tensor4d(uniform(key, count * 8 * 10 * 3), [count, 8, 10, 3]);

  it('is the distance of the features, however the images come in batches', async () => {
    const real = images('real', 30);
    const restored = images('restored', 20);
    const features = [real, restored].map(quarters) as [Tensor2D, Tensor2D];
    const whole = await frechetDistance(...features);
    const batches = tf.split<Tensor4D>(restored, 5);
    const start = tf.memory().numTensors;
    async function* inTurn() {
      yield* batches;
    }
    expect(await fid([real], inTurn(), quarters)).toBeCloseTo(whole, 5);
    expect(tf.memory().numTensors).toBe(start);
    tf.dispose([real, restored, ...features, ...batches]);
  });

  it('names the argument, the rule and the value that broke it', async () => {
    const real = images('real', 3);
    const one = images('restored', 1);
    await expect(fid([real], [one], quarters)).rejects.toThrow(
      errorNaming('RangeError', 'fid: restored', 'at least 2', 'got 1'),
    );
    await expect(fid([real], [], quarters)).rejects.toThrow(
      errorNaming('RangeError', 'fid: restored', 'at least 2', 'got 0'),
    );
    const square = (x: Tensor4D) => tf.square(x) as unknown as Tensor2D;
    await expect(fid([real], [real], square)).rejects.toThrow(
      errorNaming('TypeError', 'fid: features', '[3, features]', 'got [3, 8, 10, 3]'),
    );
    tf.dispose([real, one]);
  });
});
