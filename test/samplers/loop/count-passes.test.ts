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
  const step: Passes = { denoise: 1, gradient: 4 };
  expect(await countPasses(sampler, schedule)).toEqual([step, step, step]);
  expect(tf.memory().numTensors).toBe(before);
});

it('counts no gradient of a sampler that takes none', async () => {
  const passes = await countPasses(ddrm(), schedule);
  expect(passes.map(({ gradient }) => gradient)).toEqual([0, 0, 0]);
  expect(passes.every(({ denoise }) => denoise > 0)).toBe(true);
});

it('reports a pass once it is done, and answers as the denoiser does', () => {
  const told: string[] = [];
  const linearize: Denoiser['linearize'] = (x, sigma) => ({
    denoised: tf.mul(x, sigma),
    backward(cotangent) {
      told.push('at work');
      return tf.mul(cotangent, sigma);
    },
    dispose: () => told.push('disposed'),
  });
  const denoiser: Denoiser = { denoise: (x, sigma) => tf.mul(x, sigma), linearize };
  const watched = watchedDenoiser(denoiser, (kind) => told.push(kind));
  const x = tf.ones<tf.Rank.R4>([1, 31, 37, 3]);
  expect(watched.denoise(x, 0.5).dataSync()[0]).toBe(0.5);
  const at = watched.linearize!(x, 0.5);
  expect(at.denoised.dataSync()[0]).toBe(0.5);
  expect(told).toEqual(['denoise']);
  expect(at.backward(x).dataSync()[0]).toBe(0.5);
  at.dispose();
  expect(told).toEqual(['denoise', 'at work', 'gradient', 'disposed']);
});

it('has a linearize exactly where the denoiser has one', () => {
  const plain = { denoise: (x: tf.Tensor4D) => tf.clone(x) };
  expect(watchedDenoiser(plain, () => {})).not.toHaveProperty('linearize');
});
