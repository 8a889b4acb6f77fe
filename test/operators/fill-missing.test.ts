import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { inpainting, psnr, randomMask } from '../../src';
import { fillMissing } from '../../src/operators/fill-missing';
import { testBackends, useTestBackend } from '../support/backend';
import { maxError } from '../support/close';

const noise = (shape: [number, number, number, number], seed: number) =>
  tf.randomUniform<tf.Rank.R4>(shape, -1, 1, 'float32', seed);

describe.each(testBackends)('fillMissing on %s', (backend) => {
  useTestBackend(backend);

  it('keeps known pixels, and fills in means of them', () => {
    for (const [height, width] of [
      [16, 16],
      [13, 22],
      [1, 9],
    ] as const)
      tf.tidy(() => {
        const x = noise([2, height, width, 3], 1);
        const known = tf.cast(tf.greater(noise([2, height, width, 3], 2), 0.5), 'float32');
        const filled = fillMissing(x, known as Tensor4D);
        expect(maxError(tf.mul(filled, known), tf.mul(x, known))).toBe(0);
        const seen = tf.where(tf.cast(known, 'bool'), x, tf.zerosLike(x));
        expect(tf.max(filled).dataSync()[0]!).toBeLessThanOrEqual(tf.max(seen).dataSync()[0]!);
        expect(tf.min(filled).dataSync()[0]!).toBeGreaterThanOrEqual(tf.min(seen).dataSync()[0]!);
      });
  });

  it('continues what is constant, item by item and channel by channel', () => {
    tf.tidy(() => {
      const colours = tf.reshape(tf.range(0, 6), [2, 1, 1, 3]) as Tensor4D;
      const x = tf.tile(colours, [1, 11, 14, 1]) as Tensor4D;
      const known = tf.tile(randomMask({ height: 11, width: 14, seed: 3 }), [2, 1, 1, 3]);
      expect(maxError(fillMissing(x, known as Tensor4D), x)).toBeLessThan(1e-5);
    });
  });

  it('gives 0 where nothing is known', () => {
    tf.tidy(() => {
      const x = noise([1, 7, 5, 1], 4);
      expect(maxError(fillMissing(x, tf.zerosLike(x)), tf.zerosLike(x))).toBe(0);
    });
  });
});

describe.each(testBackends)('decode of inpainting on %s', (backend) => {
  useTestBackend(backend);

  it('divides by the weights of the mask, and is near a smooth image', () => {
    tf.tidy(() => {
      const row = tf.reshape(tf.sin(tf.linspace(0, 3, 32)), [1, 1, 32, 1]);
      const x = tf.tile(row, [1, 32, 1, 3]) as Tensor4D;
      const mask = tf.mul(randomMask({ height: 32, width: 32, seed: 5 }), -0.5) as Tensor4D;
      const { forward, decode } = inpainting({ mask });
      expect(psnr(decode(forward(x)), x).dataSync()[0]!).toBeGreaterThan(30);
    });
  });
});
