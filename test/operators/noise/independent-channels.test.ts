import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { independentChannels } from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../../support/backend';
import { maxError } from '../../support/close';

describe('independentChannels', () => {
  useTestBackend('cpu');
  const size = [93, 111] as const;

  /** Noise of standard deviation 1 for the mean (times sqrt 3), and `colour` for what differs. */
  const noiseOf = (colour: number): Tensor4D => {
    const n = tf.randomNormal<tf.Rank.R4>([1, ...size, 3], 0, 1, 'float32', 5);
    const shared = tf.mean<Tensor4D>(n, 3, true);
    return tf.add(shared, tf.mul(tf.sub(n, shared), colour));
  };

  it.each([0, 0.4, 1])('whitens noise with %d of its strength in the colours', (colour) => {
    tf.tidy(() => {
      const noise = noiseOf(colour);
      const std = Math.sqrt((1 + 2 * colour ** 2) / 3);
      const result = independentChannels(noise, { std, sharedStd: 1, seed: 3 });
      expect(maxError(tf.mean(result, 3), tf.mean(noise, 3))).toBeLessThan(1e-6);
      const flat = tf.reshape(result, [-1, 3]) as Tensor2D;
      const covariance = tf.div(tf.matMul(flat, flat, true), flat.shape[0]).arraySync();
      for (const [i, row] of (covariance as number[][]).entries())
        for (const [j, value] of row.entries())
          expect(Math.abs(value - (i === j ? 1 : 0))).toBeLessThan(0.06);
    });
  });

  it('rejects a shared noise below the noise', () => {
    const x = tf.zeros<tf.Rank.R4>([1, 2, 2, 3]);
    expect(() => independentChannels(x, { std: 0.2, sharedStd: 0.1 })).toThrow(
      'independentChannels: sharedStd must be at least std, got 0.1',
    );
    expect(() => independentChannels(x, { std: 0, sharedStd: 0.1 })).toThrow(
      'independentChannels: std must be a number > 0, got 0',
    );
    x.dispose();
  });
});
