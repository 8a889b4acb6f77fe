import * as tf from '@tensorflow/tfjs';
import { readImage } from 'spgd/node';
import { describe, expect, test } from 'vitest';
import { estimateNoise } from '../../../src/operators/noise/estimate-noise';
import { useTestBackend } from '../../support/backend';

useTestBackend('wasm');

describe('estimateNoise', () => {
  test.each([0.05, 0.1, 0.4])('finds the noise that was added to a photo: %d', async (std) => {
    const photo = await readImage('photos/coffee.png', { size: [151, 203] });
    const noise = tf.randomNormal(photo.shape, 0, std, 'float32', 5);
    const values = tf.add(photo, noise).dataSync();
    const found = estimateNoise(values, [151, 203, 3])!;
    expect(found / std).toBeGreaterThan(0.9);
    expect(found / std).toBeLessThan(1.35);
  });

  test('looks at known pixels only, and gives nothing where there is no whole block', () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? 0 : (i * 7919) % 13));
    const missing = Uint8Array.from({ length: 64 }, (_, i) => (i < 32 ? 0 : 1));
    expect(estimateNoise(values, [8, 8, 1], missing)).toBe(0);
    expect(estimateNoise([1], [1, 1, 1])).toBeUndefined();
    expect(estimateNoise([1, 2, 3], [1, 1, 3])).toBeUndefined();
  });
});
