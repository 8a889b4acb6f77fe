import * as tf from '@tensorflow/tfjs';
import { gaussianMixture, gaussianPrior } from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { denoiserLaws } from './denoiser-laws';

denoiserLaws('gaussianMixture', {
  make: () =>
    gaussianMixture([
      { mean: 0.25, std: 0.5 },
      { mean: 0.05, std: 0.45, weight: 2 },
      { mean: -0.1, std: 0.6, weight: 0.3 },
    ]),
  sigmas: [0.3, 0.7, 30],
});

describe('gaussianMixture', () => {
  useTestBackend('cpu');

  it('of one component is gaussianPrior', () => {
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([2, 3, 4, 1], 0, 1, 'float32', 1);
      const mean = tf.randomNormal<tf.Rank.R4>([1, 3, 4, 1], 0, 1, 'float32', 2);
      const mixture = gaussianMixture([{ mean, std: 0.4, weight: 7 }]).denoise(x, 0.9);
      expect(maxError(mixture, gaussianPrior({ mean, std: 0.4 }).denoise(x, 0.9))).toBeLessThan(
        1e-6,
      );
    });
  });

  it('is the posterior mean, by Bayes with plain numbers', () => {
    tf.tidy(() => {
      const modes = [
        { mean: -0.6, std: 0.2, weight: 0.3 },
        { mean: 0.7, std: 0.4, weight: 0.7 },
      ];
      const sigma = 0.8;
      const expected = [-1.5, -0.2, 0.1, 2].map((x) => {
        const each = modes.map(({ mean, std, weight }) => {
          const variance = std ** 2 + sigma ** 2;
          const density = Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(variance);
          const denoised = (std ** 2 * x + sigma ** 2 * mean) / variance;
          return { share: weight * density, denoised };
        });
        const all = each.reduce((sum, { share }) => sum + share, 0);
        return each.reduce((sum, { share, denoised }) => sum + share * denoised, 0) / all;
      });
      const x = tf.tensor4d([-1.5, -0.2, 0.1, 2], [4, 1, 1, 1]);
      expect(maxError(gaussianMixture(modes).denoise(x, sigma), expected)).toBeLessThan(1e-6);
    });
  });

  it('has the score of its density', () => {
    tf.tidy(() => {
      const [sigma, std, means] = [0.5, 0.3, [-0.5, 0.4]] as const;
      const variance = sigma ** 2 + std ** 2;
      const logDensity = (x: number) =>
        Math.log(means.reduce((sum, m) => sum + Math.exp(-((x - m) ** 2) / (2 * variance)), 0));
      const prior = gaussianMixture(means.map((mean) => ({ mean, std })));
      for (const x of [-1, -0.1, 0.2, 0.9]) {
        const denoised = prior.denoise(tf.tensor4d([x], [1, 1, 1, 1]), sigma).dataSync()[0]!;
        const slope = (logDensity(x + 1e-5) - logDensity(x - 1e-5)) / 2e-5;
        expect((denoised - x) / sigma ** 2).toBeCloseTo(slope, 4);
      }
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => gaussianMixture([])).toThrow(
      errorNaming('RangeError', 'gaussianMixture: components', 'at least one', 'got []'),
    );
    expect(() => gaussianMixture([{ mean: 0, std: 0 }])).toThrow(
      errorNaming('RangeError', 'gaussianMixture: std', '> 0', 'got 0'),
    );
    expect(() => gaussianMixture([{ mean: 0, std: 1, weight: -1 }])).toThrow(
      errorNaming('RangeError', 'gaussianMixture: weight', '> 0', 'got -1'),
    );
  });
});
