import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type Denoiser, gaussianPrior, grayscaleDenoiser, vpDenoiser } from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { denoiserLaws, syntheticNetwork } from './denoiser-laws';

denoiserLaws('grayscaleDenoiser', {
  make: () => grayscaleDenoiser(vpDenoiser(syntheticNetwork())),
  sigmas: [0.02, 0.7],
  channels: 1,
});

describe('grayscaleDenoiser', () => {
  useTestBackend('cpu');
  const shape: [number, number, number, number] = [1, 93, 111, 1];

  it('shows the inner denoiser independent noise of sqrt(3) sigma in each channel', () => {
    tf.tidy(() => {
      const seen: { x: Tensor4D; sigma: number }[] = [];
      const inner: Denoiser = {
        denoise(x, sigma) {
          seen.push({ x: tf.keep(tf.clone(x)), sigma });
          return tf.clone(x);
        },
      };
      const clean = tf.fill<tf.Rank.R4>(shape, 0.3);
      const x = tf.add<Tensor4D>(clean, tf.randomNormal(shape, 0, 0.2, 'float32', 7));
      const result = grayscaleDenoiser(inner).denoise(x, 0.2);
      const [{ x: rgb, sigma }] = seen as [(typeof seen)[0]];
      expect(sigma).toBeCloseTo(0.2 * Math.sqrt(3), 10);
      expect(maxError(result, x)).toBeLessThan(1e-6);
      const noise = tf.reshape(tf.sub(rgb, 0.3), [-1, 3]) as tf.Tensor2D;
      const covariance = tf.div(tf.matMul(noise, noise, true), noise.shape[0]).arraySync();
      for (const [i, row] of (covariance as number[][]).entries())
        for (const [j, value] of row.entries())
          expect(Math.abs(value / 0.12 - (i === j ? 1 : 0))).toBeLessThan(0.05);
      rgb.dispose();
    });
  });

  it('is the posterior mean of grey where the prior has independent channels', () => {
    tf.tidy(() => {
      const prior = gaussianPrior({ mean: 0.1, std: 0.5 });
      const x = tf.randomNormal<tf.Rank.R4>(shape, 0, 0.6, 'float32', 3);
      const shrink = 0.25 / (0.25 + 3 * 0.09);
      const expected = tf.add(tf.mul(tf.sub(x, 0.1), shrink), 0.1);
      expect(maxError(grayscaleDenoiser(prior).denoise(x, 0.3), expected)).toBeLessThan(1e-5);
    });
  });

  it('says what the inner denoiser takes, at its own noise levels', () => {
    const inner = gaussianPrior({ mean: 0, std: 1 });
    const described: Denoiser = {
      ...inner,
      imageShape: [64, 32, 3],
      multipleOf: 8,
      sigmaRange: [0, 2],
    };
    const { imageShape, multipleOf, sigmaRange } = grayscaleDenoiser(described);
    expect({ imageShape, multipleOf }).toEqual({ imageShape: [64, 32, 1], multipleOf: 8 });
    expect(sigmaRange![1]).toBeCloseTo(2 / Math.sqrt(3), 10);
  });

  it('rejects a denoiser of other channels', () => {
    const inner: Denoiser = { denoise: (x) => x, imageShape: [null, null, 1] };
    expect(() => grayscaleDenoiser(inner)).toThrow(
      'grayscaleDenoiser: denoiser must take images of 3 channels, got 1',
    );
  });
});
