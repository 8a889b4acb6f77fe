import * as tf from '@tensorflow/tfjs';
import { daps, edmSchedule, gaussianNoise, gaussianPrior, identity, pnpDm, sample } from 'spgd';
import { expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';

useTestBackend('cpu');

it('an ODE from a level that only rounding parts from its last one is one denoised image', async () => {
  const schedule = edmSchedule({ steps: 10, sigmaMax: 80, sigmaMin: 0.01 });
  expect(schedule.at(-2)).toBeGreaterThan(0.01);
  const problem = {
    denoiser: gaussianPrior({ std: 0.5 }),
    operator: identity(),
    measurement: tf.zeros<tf.Rank.R4>([1, 2, 3, 1]),
    noise: gaussianNoise(0.1),
  };
  for (const run of [
    () => sample(pnpDm(), problem, { schedule }),
    () => sample(daps({ tau: 0.1 }), problem, { schedule }),
  ])
    expect(maxError((await run()).sample, new Float32Array(6))).toBeLessThan(0.5);
});
