import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { psnr } from '../../src/metrics/psnr';
import { testBackends, useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { againstReferences } from '../support/references';

describe.each(testBackends)('psnr on %s', (backend) => {
  useTestBackend(backend);

  againstReferences('beside scikit-image', (reference) => {
    it('gives its numbers', () => {
      const fixture = reference.fixture('metrics');
      const pairs = fixture.names.filter((name) => name.startsWith('psnr_'));
      expect(pairs.length).toBeGreaterThan(1);
      for (const name of pairs)
        tf.tidy(() => {
          const [a, b] = ['a', 'b'].map((side) => fixture.tensor(name.replace('psnr', side)));
          const value = psnr(a as tf.Tensor4D, b as tf.Tensor4D);
          const error = maxError(value, fixture.values(name));
          if (process.env.SPGD_REPORT) console.log(`psnr ${backend} ${error}`);
          expect(error).toBeLessThan(1e-4);
        });
    });
  });

  it('is one number an item, clips to [-1, 1], and is Infinity for equal images', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => {
      const a = tf.tensor4d([-1, -1, 0, 0, 5, -5], [3, 1, 2, 1]);
      const b = tf.tensor4d([-0.8, -0.8, 0, 0, 1, -1], [3, 1, 2, 1]);
      const values = Array.from(psnr(a, b).dataSync());
      expect(values[0]).toBeCloseTo(20, 4);
      expect(values.slice(1)).toEqual([Infinity, Infinity]);
    });
    expect(tf.memory().numTensors).toBe(start);
  });

  it('names the argument, the rule and the value that broke it', () => {
    tf.tidy(() => {
      const a = tf.ones<tf.Rank.R4>([1, 4, 4, 3]);
      const b = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
      expect(() => psnr(a, b)).toThrow(
        errorNaming('RangeError', 'psnr: b.shape', '[1, 4, 4, 3]', 'got [1, 4, 4, 1]'),
      );
      expect(() => psnr(tf.ones([4, 4, 3]) as tf.Tensor as tf.Tensor4D, b)).toThrow(
        errorNaming('TypeError', 'psnr: a', '[batch, height, width, channels]', 'got [4, 4, 3]'),
      );
    });
  });
});
