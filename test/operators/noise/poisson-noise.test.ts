import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { itemRandom } from '../../../src/internal/random';
import { identity } from '../../../src/operators/identity';
import { measure } from '../../../src/operators/measure';
import { poissonNoise } from '../../../src/operators/noise/poisson-noise';
import { startTestBackend, testBackends, useTestBackend } from '../../support/backend';
import { relativeError } from '../../support/close';
import { errorNaming } from '../../support/error-naming';

/** Poisson numbers of one rate. */
const numbers = (rate: number, seed = 3, count = 20_000): number[] =>
  tf.tidy(() =>
    Array.from(
      itemRandom('measure', [seed])
        .poisson(tf.fill([1, count, 1, 1], rate))
        .dataSync(),
    ),
  );

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe.each(testBackends)('poissonNoise on %s', (backend) => {
  useTestBackend(backend);

  it.each([0.3, 2, 20, 63.9, 64.1, 900])('draws whole numbers of mean and variance %d', (rate) => {
    const values = numbers(rate);
    expect(values.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
    const mean = average(values);
    const variance = average(values.map((value) => (value - mean) ** 2));
    // Five standard errors; the variance of a variance is 2 rate² + rate.
    expect(Math.abs(mean - rate)).toBeLessThan(5 * Math.sqrt(rate / values.length));
    const spread = Math.sqrt((2 * rate ** 2 + rate) / values.length);
    expect(Math.abs(variance - rate)).toBeLessThan(5 * spread);
  });

  it('draws each count as often as Poisson says', () => {
    const values = numbers(1.5);
    let probability = Math.exp(-1.5);
    for (let count = 0; count < 6; count++) {
      const share = values.filter((value) => value === count).length / values.length;
      expect(Math.abs(share - probability)).toBeLessThan(0.015);
      probability *= 1.5 / (count + 1);
    }
    expect(new Set(numbers(0))).toEqual(new Set([0]));
  });

  it('makes of value 1 the peak and of value -1 nothing, with a standard deviation on top', () => {
    tf.tidy(() => {
      const clean = tf.tensor4d(
        new Array(8192).fill(0).map((_, i) => (i < 4096 ? 1 : -1)),
        [2, 64, 64, 1],
      );
      const shot = measure(identity(), clean, poissonNoise(25), { seed: 4 });
      const [bright, dark] = tf.split(shot, 2) as [Tensor4D, Tensor4D];
      expect(Math.abs(tf.mean(bright).dataSync()[0]! - 1)).toBeLessThan(0.03);
      expect(tf.moments(bright).variance.dataSync()[0]).toBeCloseTo(4 / 25, 1);
      expect(new Set(dark.dataSync())).toEqual(new Set([-1]));
      const read = measure(identity(), clean, poissonNoise(25, { std: 0.2 }), { seed: 4 });
      const added = tf.moments(tf.sub(read, shot));
      expect(Math.sqrt(added.variance.dataSync()[0]!)).toBeCloseTo(0.2, 2);
    });
  });

  it('gives an item what it gives it alone, and the same again for its seed', () => {
    tf.tidy(() => {
      const clean = tf.randomUniform<tf.Rank.R4>([3, 5, 7, 1], -1, 1, 'float32', 1);
      const noise = poissonNoise(30, { std: 0.1 });
      const draw = (x: Tensor4D, seed: number) => [
        ...measure(identity(), x, noise, { seed }).dataSync(),
      ];
      const second = tf.slice(clean, [1, 0, 0, 0], [1, -1, -1, -1]);
      expect(draw(clean, 8).slice(35, 70)).toEqual(draw(second, 9));
      expect(draw(second, 9)).not.toEqual(draw(second, 10));
    });
  });

  it('has the sum of squares of each item as its residual, whatever the noise', () => {
    tf.tidy(() => {
      const y = tf.tensor4d([0, -1, 2, 3], [2, 1, 2, 1]);
      const predicted = tf.tensor4d([1, 1, 2, 0], [2, 1, 2, 1]);
      expect([...poissonNoise(100, { std: 0.3 }).residual(predicted, y).dataSync()]).toEqual([
        5, 9,
      ]);
    });
  });

  it('has a negative log-likelihood that weighs each pixel by the noise of its count', () => {
    tf.tidy(() => {
      // Counts 50 and 0 of 100: variances 4 50 / 100² and, at least one count, 4 / 100².
      const y = tf.tensor4d([0, -1], [1, 1, 2, 1]);
      const predicted = tf.tensor4d([0.1, -0.9], [1, 1, 2, 1]);
      const expected = 0.01 / (2 * 0.02) + 0.01 / (2 * 0.0004);
      const shot = poissonNoise(100).negLogLikelihood(predicted, y);
      expect(relativeError(shot, [expected])).toBeLessThan(1e-5);
      const withRead = 0.01 / (2 * 0.06) + 0.01 / (2 * 0.0404);
      const noise = poissonNoise(100, { std: 0.2 });
      expect(relativeError(noise.negLogLikelihood(predicted, y), [withRead])).toBeLessThan(1e-5);
    });
  });

  it('has the gradient of finite differences, finite where nothing is predicted', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => {
      const noise = poissonNoise(20, { std: 0.05 });
      const y = tf.tensor4d([-1, 0.5, -0.2, 1.1], [1, 2, 2, 1]);
      const at = [-1, 0, 0.3, -1.2];
      const value = (values: readonly number[]) =>
        noise.negLogLikelihood(tf.tensor4d([...values], [1, 2, 2, 1]), y).dataSync()[0]!;
      const measured = at.map((_, i) => {
        const moved = (step: number) => value(at.map((v, j) => (i === j ? v + step : v)));
        return (moved(0.05) - moved(-0.05)) / 0.1;
      });
      const ofPrediction = (p: tf.Tensor) => noise.negLogLikelihood(p as Tensor4D, y);
      const slope = tf.grad(ofPrediction)(tf.tensor4d(at, [1, 2, 2, 1]));
      expect(relativeError(slope, measured)).toBeLessThan(1e-3);
    });
    expect(tf.memory().numTensors).toBe(start);
  });
});

describe('poissonNoise', () => {
  it('draws the same numbers on every backend', async () => {
    const drawn: number[][] = [];
    for (const backend of ['cpu', ...testBackends] as const) {
      await startTestBackend(backend);
      drawn.push(numbers(7.5, 2, 2000));
    }
    expect(drawn).toEqual(drawn.map(() => drawn[0]));
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => poissonNoise(0)).toThrow(
      errorNaming('RangeError', 'poissonNoise: peak', '> 0', 'got 0'),
    );
    expect(() => poissonNoise(10, { std: -1 })).toThrow(
      errorNaming('RangeError', 'poissonNoise: std', '>= 0', 'got -1'),
    );
    tf.tidy(() => {
      const a = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
      const b = tf.ones<tf.Rank.R4>([1, 2, 2, 3]);
      expect(() => poissonNoise(10).residual(a, b)).toThrow(
        errorNaming(
          'RangeError',
          'poissonNoise: predicted.shape',
          '[1, 2, 2, 3]',
          'got [1, 2, 2, 1]',
        ),
      );
    });
  });
});
