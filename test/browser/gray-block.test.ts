import * as tf from '@tensorflow/tfjs';
import { gaussianPrior, mmse } from 'spgd';
import { expect, test } from 'vitest';
import { blockProblem } from '../../src/browser/block-problem';
import { pictureOf } from '../../src/browser/picture-tensor';
import { useTestBackend } from '../support/backend';

useTestBackend('cpu');

const [height, width] = [11, 13];
const pictureWith = (blue: number) => {
  const values = new Uint8ClampedArray(height * width * 4).fill(255);
  for (let at = 0; at < values.length; at += 4) {
    values.fill((at * 7) % 251, at, at + 3);
    values[at + 2]! += blue;
  }
  return { height, width, values };
};

test.each([
  ['a grey photo as one channel', 0, 1],
  ['a photo in colour as three', 4, 3],
] as const)('a block shows the prior %s', async (_, blue, channels) => {
  const photo = pictureWith(blue);
  const prior = gaussianPrior({ std: 0.5 });
  const tiling = { size: 8, overlap: 2, batch: 4 };
  const problem = blockProblem({ photo, task: 'denoise', noiseStd: 0.2 }, prior, tiling, mmse());
  const { measurement, denoiser } = problem;
  expect(measurement.shape).toEqual([1, height, width, channels]);
  const image = denoiser.denoise(measurement, 0.2);
  expect(image.shape).toEqual(measurement.shape);
  const same = await pictureOf(measurement);
  expect([...same.values]).toEqual([...photo.values]);
  tf.dispose(image);
  problem.dispose();
});
