import * as tf from '@tensorflow/tfjs';
import { ddrm, diffpir, gaussianBlur, motionBlur, phaseRetrieval } from 'spgd';
import { solutionTime } from 'spgd/tasks';
import { expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';

useTestBackend('cpu');

const shape = [1, 31, 37, 3] as const;
const blurs = [
  gaussianBlur({ kernelSize: 9, std: 1.5 }),
  motionBlur({ kernel: [[0.2, 0.3, 0.5].map((tap) => tap / 3)].flatMap((row) => [row, row, row]) }),
];

it('is more than 0 where a sampler solves, and leaves no tensor', async () => {
  for (const blur of blurs) {
    expect(await solutionTime(blur, shape, diffpir())).toBeGreaterThan(0);
    const { numTensors } = tf.memory();
    await solutionTime(blur, shape, diffpir());
    expect(tf.memory().numTensors).toBe(numTensors);
  }
});

it('is 0 for a sampler or an operator that solves nothing', async () => {
  expect(await solutionTime(blurs[0]!, shape, ddrm())).toBe(0);
  expect(await solutionTime(blurs[0]!, shape, { needs: [] })).toBe(0);
  expect(await solutionTime(phaseRetrieval({ oversample: 2 }), shape, diffpir())).toBe(0);
});
