import * as tf from '@tensorflow/tfjs';
import {
  countPasses,
  type Denoiser,
  ddrm,
  edmSchedule,
  type Passes,
  probabilityFlow,
  spgd,
  watchedDenoiser,
} from 'spgd';
import { expect, it } from 'vitest';
import { useTestBackend } from '../../support/backend';

useTestBackend('cpu');

const schedule = edmSchedule({ steps: 3, sigmaMax: 3, sigmaMin: 0.1 });

it('counts N gradients and one pass forward in each step of SPGD', async () => {
  const sampler = spgd(probabilityFlow(), { learningRate: 1, warmupSteps: 4 });
  const before = tf.memory().numTensors;
  const step: Passes = { denoise: 1, vjp: 4 };
  expect(await countPasses(sampler, schedule)).toEqual([step, step, step]);
  expect(tf.memory().numTensors).toBe(before);
});

it('counts no gradient of a sampler that takes none', async () => {
  const passes = await countPasses(ddrm(), schedule);
  expect(passes.map(({ vjp }) => vjp)).toEqual([0, 0, 0]);
  expect(passes.every(({ denoise }) => denoise > 0)).toBe(true);
});

it('tells of a pass once it is done, and answers as the denoiser does', () => {
  const told: string[] = [];
  const vjp: Denoiser['vjp'] = (x, _sigma, cotangent) => {
    told.push('at work');
    return { denoised: x, gradient: cotangent(x) };
  };
  const denoiser: Denoiser = { denoise: (x, sigma) => tf.mul(x, sigma), vjp };
  const watched = watchedDenoiser(denoiser, (kind) => told.push(kind));
  const x = tf.ones<tf.Rank.R4>([1, 31, 37, 3]);
  const double = (image: tf.Tensor4D) => tf.mul<tf.Tensor4D>(image, 2);
  expect(watched.denoise(x, 0.5).dataSync()[0]).toBe(0.5);
  expect(watched.vjp!(x, 0.5, double).gradient.dataSync()[0]).toBe(2);
  expect(told).toEqual(['denoise', 'at work', 'vjp']);
});

it('has a vjp exactly where the denoiser has one', () => {
  const plain = { denoise: (x: tf.Tensor4D) => tf.clone(x) };
  expect(watchedDenoiser(plain, () => {})).not.toHaveProperty('vjp');
});
