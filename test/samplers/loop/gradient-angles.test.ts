import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  dps,
  edmSchedule,
  gaussianPrior,
  gradientAngles,
  identity,
  probabilityFlow,
  sample,
  spgd,
  tracedDenoiser,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../../support/backend';

useTestBackend('cpu');

/** One item a row, of two pixels. */
const items = (...rows: [number, number][]): Tensor4D =>
  tf.tensor4d(rows.flat(), [rows.length, 1, 2, 1]);
const degrees = (angles: tf.Tensor) => [...angles.dataSync()];

describe('the angles between gradients', () => {
  it('are those of plane geometry, item by item', () => {
    const now = {
      likelihood: items([1, 0], [3, 0], [1, 1], [0, 2]),
      prior: items([0, 5], [-2, 0], [Math.sqrt(3), 1], [0, 1]),
    };
    const { between, likelihood } = gradientAngles(now);
    for (const [i, angle] of [90, 180, 15, 0].entries())
      expect(degrees(between)[i]).toBeCloseTo(angle, 1);
    expect(likelihood).toBeUndefined();
  });

  it('are taken to the directions before as well', () => {
    const now = { likelihood: items([1, 0]), prior: items([0, 1]) };
    const before = { likelihood: items([1, Math.sqrt(3)]), prior: items([1, -1]) };
    const angles = gradientAngles(now, before);
    expect(degrees(angles.between)[0]).toBeCloseTo(90, 3);
    expect(degrees(angles.likelihood!)[0]).toBeCloseTo(60, 3);
    expect(degrees(angles.prior!)[0]).toBeCloseTo(135, 3);
  });

  it('are 90 where a direction is 0, never NaN', () => {
    const { between } = gradientAngles({ likelihood: items([0, 0]), prior: items([1, 1]) });
    expect(degrees(between)[0]).toBeCloseTo(90, 3);
  });
});

describe('a traced denoiser', () => {
  const schedule = edmSchedule({ steps: 3, sigmaMax: 4 });
  const plain = gaussianPrior({ mean: 0.1, std: 0.5 });
  const run = async (sampler: ReturnType<typeof dps>) => {
    const told: { sigma: number; between: tf.Tensor }[] = [];
    const denoiser = tracedDenoiser(plain, ({ sigma, ...now }) => {
      told.push({ sigma, between: tf.keep(gradientAngles(now).between) });
    });
    const problem = { operator: identity(), measurement: items([0.3, -0.2], [1, 1]) };
    const traced = await sample(sampler, { ...problem, denoiser }, { schedule });
    const untraced = await sample(sampler, { ...problem, denoiser: plain }, { schedule });
    expect(degrees(traced.sample)).toEqual(degrees(untraced.sample));
    return told;
  };

  it('tells of every warm-up step of spgd, and of every step of dps', async () => {
    const warm = await run(spgd(probabilityFlow(), { learningRate: 0.1, warmupSteps: 2 }));
    expect(warm.map(({ sigma }) => sigma)).toEqual(schedule.slice(0, 3).flatMap((s) => [s, s]));
    expect(warm[0]!.between.shape).toEqual([2]);
    const steps = await run(dps({ zeta: 0.05 }));
    expect(steps.map(({ sigma }) => sigma)).toEqual(schedule.slice(0, 3));
  });

  it('lends directions that are those of the formulas', async () => {
    const x = items([2, 1]);
    const measurement = items([0.5, -0.25]);
    let directions: number[][] = [];
    // D(x) = x / 2 at sigma 1, so the gradient of |D - y|² is D - y.
    const denoiser = tracedDenoiser(gaussianPrior(), ({ likelihood, prior }) => {
      directions = [degrees(likelihood), degrees(prior)];
    });
    await sample(
      dps(),
      { denoiser, operator: identity(), measurement },
      { schedule: [1, 0], start: x },
    );
    expect(directions).toEqual([
      [-0.5, -0.75],
      [-1, -0.5],
    ]);
  });
});
