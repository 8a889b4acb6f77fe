import * as tf from '@tensorflow/tfjs';
import { gaussianPrior, identity } from 'spgd';
import { expect, it } from 'vitest';
import { wholePiece } from '../../../src/cli/restore/pieces';

it('counts the tiles of a picture, and keeps no tensor of the count', async () => {
  await tf.setBackend('cpu');
  const measurement = tf.zeros<tf.Rank.R4>([1, 31, 37, 3]);
  const prior = { denoiser: gaussianPrior({ std: 0.5 }), size: 16, overlap: 4, batch: 4 };
  const before = tf.memory().numTensors;
  const { tiles } = wholePiece(
    measurement,
    identity(),
    prior as never,
    () => ({}) as never,
    () => {},
  );
  expect(tiles).toBe(9); // 31 and 37 are three tiles of 16 each, 12 apart
  expect(tf.memory().numTensors).toBe(before);
  measurement.dispose();
});
