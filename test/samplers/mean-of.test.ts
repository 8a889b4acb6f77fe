import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  diffpir,
  dpir,
  edmSchedule,
  gaussianNoise,
  gaussianPrior,
  identity,
  meanOf,
  reverseDiffusion,
  sample,
  steps,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { samplerLaws } from './sampler-laws';

useTestBackend('wasm');

const schedule = edmSchedule({ steps: 6, sigmaMax: 10 });
const denoiser = gaussianPrior({ mean: 0.2, std: 0.6 });
const noise = gaussianNoise(0.3);
const measurement = tf.randomUniform<tf.Rank.R4>([2, 9, 8, 3], -1, 1, 'float32', 8);
const problem = { denoiser, operator: identity(), measurement, noise };
const drawing = diffpir({ zeta: 1, temperature: 1 });

describe('meanOf three runs of DiffPIR', () =>
  samplerLaws(() => meanOf(diffpir({ zeta: 1 }), { runs: 3 })));

describe('meanOf', () => {
  it('with one run is the sampler itself, exactly', async () => {
    const alone = await sample(reverseDiffusion(), problem, { schedule, seed: 4 });
    const one = await sample(meanOf(reverseDiffusion(), { runs: 1 }), problem, {
      schedule,
      seed: 4,
    });
    expect(maxError(one.sample, alone.sample)).toBe(0);
  });

  it('is nearer to the posterior mean, as the root of the number of runs', async () => {
    const posteriorMean = tf.tidy(() => denoiser.denoise(measurement, 0.3));
    const fine = edmSchedule({ steps: 20, sigmaMax: 10 });
    const error = async (runs: number) => {
      const { sample: x } = await sample(meanOf(drawing, { runs }), problem, {
        schedule: fine,
        seed: 1,
      });
      return tf.tidy(() => tf.sqrt(tf.mean(tf.squaredDifference(x, posteriorMean)))).dataSync()[0]!;
    };
    const [one, nine] = [await error(1), await error(9)];
    expect(one / nine).toBeGreaterThan(2.5);
    expect(one / nine).toBeLessThan(3.5);
  });

  it('shows the mean of the estimates at each step, and gives that of the runs', async () => {
    const images: Tensor4D[] = [];
    const base: typeof drawing = {
      ...drawing,
      async step(...of) {
        const step = await drawing.step(...of);
        images.push(tf.clone(step.denoised));
        return step;
      },
    };
    const run = steps(meanOf(base, { runs: 2 }), problem, { schedule, seed: 3 });
    for await (const { denoised } of run) {
      const [first, second] = images.splice(0) as [Tensor4D, Tensor4D];
      expect(maxError(first, second)).toBeGreaterThan(1e-3);
      expect(maxError(denoised, tf.div(tf.add(first, second), 2))).toBeLessThan(1e-6);
    }
  });

  it('is nothing that spgd may wrap: its mean has less noise than its level', () => {
    expect(meanOf(reverseDiffusion(), { runs: 2 }).atNoiseLevel).toBeUndefined();
  });

  it('keeps what its sampler needs', () => {
    expect(meanOf(dpir(), { runs: 2 }).needs).toEqual(dpir().needs);
  });

  it.each([0, 1.5, Number.NaN])('refuses %s runs', (runs) => {
    expect(() => meanOf(dpir(), { runs })).toThrow(/meanOf: runs must be an integer >= 1/);
  });
});
