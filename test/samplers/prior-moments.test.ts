import * as tf from '@tensorflow/tfjs';
import {
  edmSchedule,
  gaussianPrior,
  identity,
  probabilityFlow,
  reverseDiffusion,
  type Sampler,
  sample,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';

const mean = 0.3;
const std = 0.5;
const sigmaMax = 20;

/** Samples of 4096 independent Gaussian pixels; none of them sees the measurement. */
async function moments(sampler: Sampler, steps: number): Promise<{ mean: number; std: number }> {
  const problem = {
    denoiser: gaussianPrior({ mean, std }),
    operator: identity(),
    measurement: tf.zeros<tf.Rank.R4>([1, 64, 64, 1]),
  };
  const schedule = edmSchedule({ steps, sigmaMax, sigmaMin: 0.01 });
  const { sample: x } = await sample(sampler, problem, { schedule });
  const { mean: m, variance } = tf.moments(x);
  return { mean: m.dataSync()[0]!, std: Math.sqrt(variance.dataSync()[0]!) };
}

describe('without a measurement', () => {
  useTestBackend('cpu');

  it('probabilityFlow scales the noise by the product of its step factors, exactly', async () => {
    const schedule = edmSchedule({ steps: 30, sigmaMax, sigmaMin: 0.01 });
    let factor = 1;
    for (let i = 0; i < 30; i++) {
      const [sigma, next] = [schedule[i]!, schedule[i + 1]!];
      factor *= 1 + ((next - sigma) * sigma) / (std ** 2 + sigma ** 2);
    }
    const start = tf.tensor4d([mean + 7, mean - 3, mean, mean + 1], [1, 2, 2, 1]);
    const problem = {
      denoiser: gaussianPrior({ mean, std }),
      operator: identity(),
      measurement: tf.zeros<tf.Rank.R4>([1, 2, 2, 1]),
    };
    const { sample: x } = await sample(probabilityFlow(), problem, { schedule, start });
    const expected = [7, -3, 0, 1].map((offset) => mean + factor * offset);
    for (const [i, value] of x.dataSync().entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  for (const [name, make] of [
    ['probabilityFlow', probabilityFlow],
    ['reverseDiffusion', reverseDiffusion],
  ] as const) {
    it(`${name} reaches the prior's mean and standard deviation, to order 1 in the steps`, async () => {
      const [coarse, fine] = [await moments(make(), 50), await moments(make(), 400)];
      expect(Math.abs(fine.mean - mean)).toBeLessThan(0.05);
      expect(Math.abs(fine.std - std)).toBeLessThan(0.02);
      expect(Math.abs(fine.std - std)).toBeLessThan(Math.abs(coarse.std - std) / 2);
    });
  }
});
