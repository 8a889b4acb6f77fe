import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { identity } from '../../src/operators/identity';
import { measure } from '../../src/operators/measure';
import { gaussianNoise } from '../../src/operators/noise/gaussian-noise';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';

const noise = gaussianNoise(0.1);
const black = (batch: number) => tf.zeros<tf.Rank.R4>([batch, 31, 37, 3]);

describe('measure', () => {
  useTestBackend('cpu');

  it('adds no noise where none is asked for, leaking nothing', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => {
      const x = tf.randomUniform<tf.Rank.R4>([2, 5, 6, 3], -1, 1, 'float32', 3);
      expect(maxError(measure(identity(), x), x)).toBe(0);
    });
    expect(tf.memory().numTensors).toBe(start);
  });

  it('gives one tensor and keeps none', () => {
    const x = black(1);
    const start = tf.memory().numTensors;
    const y = measure(identity(), x, noise, { seed: 0 });
    expect(tf.memory().numTensors).toBe(start + 1);
    tf.dispose([x, y]);
  });

  it('draws the same noise for the same seed, 0 included, and other noise for another', () => {
    tf.tidy(() => {
      const at = (seed: number) => measure(identity(), black(1), noise, { seed });
      expect(maxError(at(0), at(0))).toBe(0);
      expect(maxError(at(0), at(1))).toBeGreaterThan(0.1);
    });
  });

  it('gives item k the noise of seed + k, alone or in a batch', () => {
    tf.tidy(() => {
      const batch = measure(identity(), black(3), noise, { seed: 7 });
      const alone = tf.concat(
        [7, 8, 9].map((seed) => measure(identity(), black(1), noise, { seed })),
      );
      expect(maxError(batch, alone)).toBe(0);
      expect(maxError(batch, measure(identity(), black(3), noise, { seeds: [7, 8, 9] }))).toBe(0);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    tf.tidy(() => {
      const x = black(2);
      expect(() => measure(identity(), x, noise, { seeds: [1] })).toThrow(
        errorNaming('RangeError', 'measure: seeds', 'a list of 2 integers', 'got [1]'),
      );
      expect(() => measure(identity(), x, noise, { seed: 1.5 })).toThrow(
        errorNaming('RangeError', 'measure: seed', 'integer', 'got 1.5'),
      );
    });
  });
});
