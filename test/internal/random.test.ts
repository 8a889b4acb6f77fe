import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import {
  hashKey,
  itemRandom,
  itemSeeds,
  normalNumber,
  uniformGenerator,
} from '../../src/internal/random';
import type { Shape4D } from '../../src/operators/operator';
import { testBackends, useTestBackend } from '../support/backend';
import { errorNaming } from '../support/error-naming';

/** Normal numbers of a batch, at one step and draw. */
function normals(
  seeds: readonly number[],
  { stream = 'sample' as 'sample' | 'measure', step = 0, draw = 0, size = 64 } = {},
): number[] {
  return tf.tidy(() => {
    const random = itemRandom(stream, seeds);
    random.startStep(step);
    const shape: Shape4D = [seeds.length, size, 2, 1];
    for (let i = 0; i < draw; i++) random.normal(shape);
    return Array.from(random.normal(shape).dataSync());
  });
}

const moments = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance };
};

describe('hashKey', () => {
  it('is a function of its key alone, a safe integer and never 0', () => {
    for (let seed = -50; seed < 50; seed++) {
      const hash = hashKey(1, seed, 0, 0);
      expect(hash).toBe(hashKey(1, seed, 0, 0));
      expect(Number.isSafeInteger(hash) && hash > 0).toBe(true);
    }
  });

  it('tells apart keys that differ in one place, order or length', () => {
    const keys = [];
    for (let seed = 0; seed < 40; seed++)
      for (let step = 0; step < 40; step++)
        for (let draw = 0; draw < 5; draw++) keys.push(hashKey(1, seed, step, draw));
    keys.push(hashKey(1, 2), hashKey(2, 1), hashKey(0), hashKey(0, 0), hashKey(), hashKey(2 ** 40));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('uniformGenerator', () => {
  it('repeats itself for a seed, 0 included, and differs by seed and by stream', () => {
    const draw = (stream: 'mask' | 'kernel', seed: number) => {
      const uniform = uniformGenerator(stream, seed);
      return Array.from({ length: 8 }, uniform);
    };
    expect(draw('mask', 0)).toEqual(draw('mask', 0));
    expect(draw('mask', 0)).not.toEqual(draw('mask', 1));
    expect(draw('mask', 0)).not.toEqual(draw('kernel', 0));
  });

  it('is uniform in [0, 1), and makes normal numbers that are normal', () => {
    const uniform = uniformGenerator('kernel', 3);
    const values = Array.from({ length: 20_000 }, uniform);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const flat = moments(values);
    expect(Math.abs(flat.mean - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(flat.variance - 1 / 12)).toBeLessThan(0.003);
    const bell = moments(Array.from({ length: 20_000 }, () => normalNumber(uniform)));
    expect(Math.abs(bell.mean)).toBeLessThan(0.03);
    expect(Math.abs(bell.variance - 1)).toBeLessThan(0.05);
  });
});

describe('itemSeeds', () => {
  it('counts up from the seed, 0 where none is given, or takes the seeds named', () => {
    expect(itemSeeds('test', 3, {})).toEqual([0, 1, 2]);
    expect(itemSeeds('test', 3, { seed: 41 })).toEqual([41, 42, 43]);
    expect(itemSeeds('test', 2, { seeds: [9, -4], seed: 1 })).toEqual([9, -4]);
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => itemSeeds('spgd', 2, { seed: 0.5 })).toThrow(
      errorNaming('RangeError', 'spgd: seed', 'integer', 'got 0.5'),
    );
    expect(() => itemSeeds('spgd', 2, { seeds: [1] })).toThrow(
      errorNaming('RangeError', 'spgd: seeds', 'a list of 2 integers', 'got [1]'),
    );
    expect(() => itemSeeds('spgd', 2, { seeds: [1, NaN] })).toThrow(
      errorNaming('RangeError', 'spgd: seeds', 'integer', 'got NaN'),
    );
  });
});

describe('itemRandom', () => {
  useTestBackend('cpu');

  it('gives the same numbers for the same key, 0 included', () => {
    expect(normals([0])).toEqual(normals([0]));
    expect(normals([0])).not.toEqual(normals([1]));
  });

  it('gives item k in a batch what it gives it alone', () => {
    const batch = normals([5, 0, 7]);
    expect(batch).toEqual([...normals([5]), ...normals([0]), ...normals([7])]);
  });

  it('differs by step, by draw and by stream, and starts each step anew', () => {
    const first = normals([3], { step: 2 });
    expect(normals([3], { step: 1 })).not.toEqual(first);
    expect(normals([3], { step: 2, draw: 1 })).not.toEqual(first);
    expect(normals([3], { step: 2, stream: 'measure' })).not.toEqual(first);
    tf.tidy(() => {
      const random = itemRandom('sample', [3]);
      random.normal([1, 4, 4, 1]);
      random.startStep(2);
      expect(Array.from(random.normal([1, 64, 2, 1]).dataSync())).toEqual(first);
    });
  });

  it('is standard normal, and uncorrelated between items whose seeds are neighbours', () => {
    const values = normals([0, 1], { size: 5000 });
    const { mean, variance } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
    const half = values.length / 2;
    const products = values.slice(0, half).map((value, i) => value * values[half + i]!);
    expect(Math.abs(moments(products).mean)).toBeLessThan(0.04);
  });

  it('refuses a batch of another size', () => {
    expect(() => itemRandom('sample', [1, 2]).normal([3, 1, 1, 1])).toThrow(
      errorNaming('RangeError', 'normal: shape[0]', '2, the batch', 'got 3'),
    );
  });

  describe.each(testBackends)('on %s', (backend) => {
    useTestBackend(backend);
    it('gives the same numbers as on every backend, leaking nothing', () => {
      const start = tf.memory().numTensors;
      expect(normals([7]).slice(0, 3)).toMatchInlineSnapshot(`
        [
          -0.09650467336177826,
          1.3732452392578125,
          -0.3429417908191681,
        ]
      `);
      expect(tf.memory().numTensors).toBe(start);
    });
  });
});
