import * as tf from '@tensorflow/tfjs';
import { gaussianPrior, identity, probabilityFlow, sample, tiledDenoiser } from 'spgd';
import { expect, it } from 'vitest';
import { useTestBackend } from '../../support/backend';
import { errorNaming } from '../../support/error-naming';

useTestBackend('cpu');

const limited = { ...gaussianPrior(), sigmaRange: [0.02, 0.39] as const };
const run = (schedule: readonly number[], denoiser = limited) =>
  sample(
    probabilityFlow(),
    { denoiser, operator: identity(), measurement: tf.zeros([1, 31, 37, 3]) },
    { schedule },
  );

it('rejects a schedule that starts above the range of the denoiser', async () => {
  await expect(run([0.4, 0.1, 0])).rejects.toThrow(
    errorNaming('RangeError', 'probabilityFlow: schedule', 'sigmaRange', '0.02 to 0.39', 'got 0.4'),
  );
});

it('rejects a step from below the range, and takes the last level wherever it lies', async () => {
  await expect(run([0.39, 0.01, 0])).rejects.toThrow(
    errorNaming(
      'RangeError',
      'probabilityFlow: schedule',
      'sigmaRange',
      '0.02 to 0.39',
      'got 0.01',
    ),
  );
  const { sample: image } = await run([0.39, 0.02, 0]);
  expect(image.shape).toEqual([1, 31, 37, 3]);
});

it('knows the range of a denoiser in tiles', async () => {
  const tiled = tiledDenoiser(limited, { size: 16 });
  expect(tiled.sigmaRange).toEqual([0.02, 0.39]);
  await expect(run([1, 0], tiled as typeof limited)).rejects.toThrow('sigmaRange of the denoiser');
});
