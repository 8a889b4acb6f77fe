import * as tf from '@tensorflow/tfjs';
import { gaussianPrior } from 'spgd';
import { useBackend } from 'spgd/node';
import { blindDeblur, blurKernel, blurOperator } from 'spgd/tasks';
import { beforeAll, describe, expect, it } from 'vitest';
import { normalNumber, uniformGenerator } from '../../src/internal/random';
import { maxError } from '../support/close';
import { blurred, deadLeaves } from './dead-leaves';

beforeAll(() => useBackend('wasm').then(() => undefined));

const uniform = uniformGenerator('measure', 7);
const noise = () => 0.01 * normalNumber(uniform);
const leaves = deadLeaves(100, 132, 6);

const tensorOf = ({ values, height, width }: ReturnType<typeof deadLeaves>) =>
  tf.tensor4d(Float32Array.from(values), [1, height, width, 1]);

const rms = (a: tf.Tensor4D, b: tf.Tensor4D) =>
  tf.tidy(() => tf.sqrt(tf.mean(tf.squaredDifference(a, b))).dataSync<'float32'>()[0]!);

/** A prior of white images: a Wiener filter is what it makes of a measurement. */
const denoiser = gaussianPrior({ std: 0.5 });

describe('blindDeblur', () => {
  it('undoes the blur that it finds', async () => {
    const y = tensorOf(blurred(leaves, blurKernel({ kind: 'gaussian', size: 1.2 }), noise));
    const before = tf.memory().numTensors;
    const { sample, estimate, blur } = await blindDeblur({
      denoiser,
      measurement: y,
      noiseStd: 0.01,
    });
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(estimate!.blur!.kind).toBe('gaussian');
    expect(blur!.size / 1.2).toBeGreaterThan(0.8);
    expect(blur!.size / 1.2).toBeLessThan(1.2);
    expect(rms(blurOperator(blur!).forward(sample), y)).toBeLessThan(0.013);
    expect(rms(sample, y)).toBeGreaterThan(0.05);
  });

  it('leaves a sharp photo as it is', async () => {
    const y = tensorOf(blurred(leaves, [[1]], noise));
    const { sample, blur, estimate } = await blindDeblur({ denoiser, measurement: y });
    expect(blur).toBeUndefined();
    expect(estimate!.isBlurred).toBe(false);
    expect(maxError(sample, y)).toBe(0);
  });

  it('leaves a photo whose restoration does not explain it', async () => {
    const y = tensorOf(blurred(leaves, blurKernel({ kind: 'disc', size: 4 }), noise));
    // A prior that is sure of a grey image overrules every measurement.
    const stubborn = gaussianPrior({ std: 1e-4 });
    const { sample, blur, estimate } = await blindDeblur({
      denoiser: stubborn,
      measurement: y,
      noiseStd: 0.01,
    });
    expect(estimate!.isBlurred).toBe(true);
    expect(blur).toBeUndefined();
    expect(maxError(sample, y)).toBe(0);
  });

  it('takes one photo', async () => {
    await expect(blindDeblur({ denoiser, measurement: tf.zeros([2, 64, 64, 1]) })).rejects.toThrow(
      'blindDeblur: measurement must be one photo, got 2',
    );
  });
});
