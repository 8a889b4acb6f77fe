import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { ssim } from '../../src/metrics/ssim';
import { testBackends, useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { againstReferences } from '../support/references';

const random = (shape: [number, number, number, number], seed: number) =>
  tf.randomUniform<tf.Rank.R4>(shape, -1, 1, 'float32', seed);

describe.each(testBackends)('ssim on %s', (backend) => {
  useTestBackend(backend);

  againstReferences('beside scikit-image', (reference) => {
    it('gives its numbers', () => {
      const fixture = reference.fixture('metrics');
      const pairs = fixture.names.filter((name) => name.startsWith('ssim_'));
      expect(pairs.length).toBeGreaterThan(1);
      for (const name of pairs)
        tf.tidy(() => {
          const [a, b] = ['a', 'b'].map((side) => fixture.tensor(name.replace('ssim', side)));
          const value = ssim(a as tf.Tensor4D, b as tf.Tensor4D);
          const error = maxError(value, fixture.values(name));
          if (process.env.SPGD_REPORT) console.log(`ssim ${backend} ${error}`);
          expect(error).toBeLessThan(1e-4);
        });
    });
  });

  it('is 1 for equal images, symmetric, and one number an item', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => {
      const a = random([3, 31, 37, 4], 1);
      const b = random([3, 31, 37, 4], 2);
      expect(maxError(ssim(a, a), [1, 1, 1])).toBeLessThan(1e-5);
      expect(maxError(ssim(a, b), ssim(b, a))).toBeLessThan(1e-6);
      const alone = tf.concat(
        [0, 1, 2].map((k) =>
          ssim(tf.slice(a, k, 1) as tf.Tensor4D, tf.slice(b, k, 1) as tf.Tensor4D),
        ),
      );
      expect(maxError(ssim(a, b), alone)).toBeLessThan(1e-6);
    });
    expect(tf.memory().numTensors).toBe(start);
  });

  it('names the argument, the rule and the value that broke it', () => {
    tf.tidy(() => {
      const small = random([1, 10, 40, 3], 1);
      expect(() => ssim(small, small)).toThrow(
        errorNaming(
          'RangeError',
          'ssim: a.shape',
          '[batch, height, width, channels]',
          '>= 11',
          'got [1, 10, 40, 3]',
        ),
      );
      expect(() => ssim(small, random([2, 10, 40, 3], 1))).toThrow(
        errorNaming('RangeError', 'ssim: b.shape', '[1, 10, 40, 3]', 'got [2, 10, 40, 3]'),
      );
    });
  });
});
