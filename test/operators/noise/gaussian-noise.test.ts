import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { itemRandom } from '../../../src/internal/random';
import { gaussianNoise } from '../../../src/operators/noise/gaussian-noise';
import { testBackends, useTestBackend } from '../../support/backend';
import { maxError, relativeError } from '../../support/close';
import { errorNaming } from '../../support/error-naming';

describe.each(testBackends)('gaussianNoise on %s', (backend) => {
  useTestBackend(backend);

  it('has the sum of squares of each item as its residual', () => {
    tf.tidy(() => {
      const a = tf.tensor4d([1, 2, 3, 4], [2, 1, 2, 1]);
      const b = tf.tensor4d([0, 4, 3, 1], [2, 1, 2, 1]);
      expect(Array.from(gaussianNoise(0.3).residual(a, b).dataSync())).toEqual([5, 9]);
    });
  });

  it('has the gradient of the sum of squares in both arguments, leaking nothing', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => {
      const a = tf.randomUniform<tf.Rank.R4>([2, 5, 4, 3], -1, 1, 'float32', 1);
      const b = tf.randomUniform<tf.Rank.R4>([2, 5, 4, 3], -1, 1, 'float32', 2);
      const weights = tf.tensor1d([1, -3]);
      const residual = (p: tf.Tensor, y: tf.Tensor) =>
        gaussianNoise(0).residual(p as Tensor4D, y as Tensor4D);
      const [inA, inB] = tf.grads(residual)([a, b], weights);
      const expected = tf.mul(tf.sub(a, b), tf.reshape(tf.mul(weights, 2), [2, 1, 1, 1]));
      expect(relativeError(inA!, expected)).toBeLessThan(1e-6);
      expect(relativeError(inB!, tf.neg(expected))).toBeLessThan(1e-6);
    });
    expect(tf.memory().numTensors).toBe(start);
  });

  it('has the negative log-likelihood of a normal density, up to a constant', () => {
    tf.tidy(() => {
      const std = 0.3;
      const y = [0.1, -0.4, 0.7];
      const logDensity = (at: readonly number[]) =>
        at.reduce((sum, value, i) => {
          const density = Math.exp(-((value - y[i]!) ** 2) / (2 * std ** 2));
          return sum + Math.log(density / Math.sqrt(2 * Math.PI * std ** 2));
        }, 0);
      const image = (values: readonly number[]) => tf.tensor4d([...values], [1, 1, 3, 1]);
      const value = (at: readonly number[]) =>
        gaussianNoise(std).negLogLikelihood(image(at), image(y)).dataSync()[0]!;
      const [a, b] = [
        [0.3, 0.2, 1.1],
        [-0.5, -0.4, 0.6],
      ] as const;
      expect(value(a) - value(b)).toBeCloseTo(logDensity(b) - logDensity(a), 4);
    });
  });

  it('has the gradient of its negative log-likelihood that finite differences have', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => {
      const noise = gaussianNoise(0.2);
      const y = tf.tensor4d([-1, 0.5, -0.2, 1.1], [2, 1, 2, 1]);
      const at = [-1, 0, 0.3, -1.2];
      const total = (values: readonly number[]) =>
        tf.sum(noise.negLogLikelihood(tf.tensor4d([...values], [2, 1, 2, 1]), y)).dataSync()[0]!;
      const measured = at.map((_, i) => {
        const moved = (step: number) => total(at.map((v, j) => (i === j ? v + step : v)));
        return (moved(0.05) - moved(-0.05)) / 0.1;
      });
      const ofPrediction = (p: tf.Tensor) => noise.negLogLikelihood(p as Tensor4D, y);
      const slope = tf.grad(ofPrediction)(tf.tensor4d(at, [2, 1, 2, 1]));
      expect(relativeError(slope, measured)).toBeLessThan(1e-3);
    });
    expect(tf.memory().numTensors).toBe(start);
  });

  it('adds noise of the standard deviation asked for', () => {
    tf.tidy(() => {
      const clean = tf.fill<tf.Rank.R4>([1, 64, 64, 3], 0.5);
      const difference = tf.sub(gaussianNoise(0.2).add(clean, itemRandom('measure', [3])), clean);
      const { mean, variance } = tf.moments(difference);
      expect(Math.abs(mean.dataSync()[0]!)).toBeLessThan(0.01);
      expect(Math.sqrt(variance.dataSync()[0]!)).toBeCloseTo(0.2, 2);
    });
  });

  it('adds nothing at std 0', () => {
    tf.tidy(() => {
      const clean = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
      expect(maxError(gaussianNoise(0).add(clean, itemRandom('measure', [3])), clean)).toBe(0);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => gaussianNoise(-0.1)).toThrow(
      errorNaming('RangeError', 'gaussianNoise: std', '>= 0', 'got -0.1'),
    );
    tf.tidy(() => {
      const a = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
      expect(() => gaussianNoise(0).negLogLikelihood(a, a)).toThrow(
        errorNaming('RangeError', 'gaussianNoise: std', '> 0', 'got 0'),
      );
      const b = tf.ones<tf.Rank.R4>([1, 2, 2, 3]);
      expect(() => gaussianNoise(0).residual(a, b)).toThrow(
        errorNaming(
          'RangeError',
          'gaussianNoise: predicted.shape',
          '[1, 2, 2, 3]',
          'got [1, 2, 2, 1]',
        ),
      );
    });
  });
});
