import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  calibrate,
  coverage,
  credibleInterval,
  ddrm,
  edmSchedule,
  gaussianMixture,
  gaussianNoise,
  gaussianPrior,
  identity,
  intervalFactor,
  measure,
  posterior,
  type RestoredPhoto,
  type Sampler,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';

useTestBackend('wasm');

const prior = { mean: 0.2, std: 0.6 };
const noise = gaussianNoise(0.3);
const normal = (shape: [number, number, number, number], seed: number) =>
  tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', seed);
const shape: [number, number, number, number] = [1, 31, 37, 3];
const pixels = 31 * 37 * 3;

/** Draws from the posterior of `y = x + 0.3 n` in closed form, `scale` times as far from its mean. */
const exact = (scale = 1): Sampler => ({
  name: 'exact',
  init: (_, run) => ({ x: run.initial() }),
  step: (_, { measurement }, __, run) => {
    const gain = 0.36 / (0.36 + 0.09);
    const x = tf.tidy(() => {
      const mean = tf.add(tf.mul(tf.sub(measurement, 0.2), gain), 0.2);
      return tf.add<Tensor4D>(mean, tf.mul(run.normal(run.shape), scale * Math.sqrt(gain * 0.09)));
    });
    return { state: { x }, denoised: tf.clone(x) };
  },
});

/** Photos of the prior, measured, and what a sampler makes of them. */
async function restored(sampler: Sampler, count: number, photos = 3): Promise<RestoredPhoto[]> {
  const results: RestoredPhoto[] = [];
  for (let seed = 0; seed < photos; seed++) {
    const truth = tf.add<Tensor4D>(tf.mul(normal(shape, 100 + seed), prior.std), prior.mean);
    const y = measure(identity(), truth, noise, { seed });
    const problem = { denoiser: gaussianPrior(prior), operator: identity(), measurement: y, noise };
    const options = { schedule: [1, 0], samples: count, seed: 50 * seed };
    results.push({ truth, ...(await posterior(sampler, problem, options)) });
  }
  return results;
}

/** Four standard errors of a share of this many pixels. */
const tolerance = (level: number) => 4 * Math.sqrt((level * (1 - level)) / (3 * pixels));

describe('intervals from draws of a posterior in closed form', () => {
  it.each([2, 4, 8, 30])('hold their level without calibration, from %d samples', async (count) => {
    const photos = await restored(exact(), count);
    for (const level of [0.5, 0.8, 0.9, 0.95]) {
      const found = await coverage(photos, { level });
      expect(Math.abs(found - level), `level ${level}`).toBeLessThan(tolerance(level));
    }
    expect(Math.abs((await calibrate(photos)) - 1)).toBeLessThan(0.08);
  });

  it.each([0.5, 2])(
    'hold it after calibration where the spread is %d times the true one',
    async (scale) => {
      // The mean of many draws hides how far they are spread.
      const photos = await restored(exact(scale), 30);
      const own = { level: 0.9 };
      expect(Math.abs((await coverage(photos, own)) - 0.9)).toBeGreaterThan(0.05);
      const found = await calibrate(photos, own);
      expect(found).toBeCloseTo(1 / scale, 1);
      const others = (await restored(exact(scale), 30, 6)).slice(3);
      const held = await coverage(others, { ...own, scale: found });
      expect(Math.abs(held - 0.9)).toBeLessThan(tolerance(0.9));
    },
  );

  it('see two modes as a wide interval', async () => {
    const modes = gaussianMixture([
      { mean: -0.5, std: 0.15 },
      { mean: 0.5, std: 0.15 },
    ]);
    const y = tf.zeros<tf.Rank.R4>([1, 3, 5, 1]);
    const problem = {
      denoiser: modes,
      operator: identity(),
      measurement: y,
      noise: gaussianNoise(2),
    };
    const schedule = edmSchedule({ steps: 20, sigmaMax: 20 });
    const { std } = await posterior(ddrm() as unknown as Sampler, problem, {
      schedule,
      samples: 24,
    });
    const found = tf.mean(std).dataSync()[0]!;
    expect(found).toBeGreaterThan(0.4);
  });
});

describe('coverage', () => {
  const photo = (fields: Partial<RestoredPhoto> = {}): RestoredPhoto => ({
    truth: tf.tensor4d([0, 1, 2, 3], [1, 2, 2, 1]),
    mean: tf.zeros([1, 2, 2, 1]),
    std: tf.ones([1, 2, 2, 1]),
    count: 5,
    ...fields,
  });

  it('counts only the pixels that are asked for', async () => {
    const where = tf.tensor4d([0, 0, 0, 1], [1, 2, 2, 1]);
    // sqrt(1 + 1/5) t(0.9; 4) = 1.095 x 2.132
    expect(intervalFactor(5)).toBeCloseTo(2.335, 3);
    expect(await coverage([photo()])).toBe(0.75);
    expect(await coverage([photo({ where })])).toBe(0);
    expect(await coverage([photo({ where })], { scale: 1.3 })).toBe(1);
    expect(await calibrate([photo({ where })])).toBeCloseTo(3 / 2.335, 3);
  });

  it('agrees with the interval', () => {
    const { lower, upper } = credibleInterval(photo(), { level: 0.8, scale: 2 });
    const factor = intervalFactor(5, { level: 0.8, scale: 2 });
    expect(maxError(lower, tf.fill([1, 2, 2, 1], -factor))).toBeLessThan(1e-6);
    expect(maxError(upper, tf.fill([1, 2, 2, 1], factor))).toBeLessThan(1e-6);
  });

  it('rejects options that do not fit, by name', async () => {
    expect(() => intervalFactor(1)).toThrow('intervalFactor: count must be an integer >= 2, got 1');
    expect(() => intervalFactor(3, { level: 1 })).toThrow('level must be in (0, 1), got 1');
    expect(() => intervalFactor(3, { scale: 0 })).toThrow('scale must be a number > 0, got 0');
    const none = coverage([photo({ where: tf.zeros([1, 2, 2, 1]) })]);
    await expect(none).rejects.toThrow(
      'coverage: photos must be at least one pixel that counts, got 0',
    );
  });
});
