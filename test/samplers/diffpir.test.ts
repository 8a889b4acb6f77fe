import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { diffpir, gaussianBlur, gaussianNoise, gaussianPrior, type RunContext, sample } from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';

const std = 0.2;
const shape: [number, number, number, number] = [1, 31, 37, 1];

const run: RunContext = {
  shape,
  schedule: [0.8, 0],
  initial: () => tf.randomNormal(shape, 0, 1, 'float32', 7),
  normal: (size) => tf.randomNormal(size, 0, 1, 'float32', 5),
  tick: async () => {},
};

const problem = () => ({
  denoiser: gaussianPrior(),
  operator: gaussianBlur({ kernelSize: 5, std: 1 }),
  measurement: tf.randomUniform(shape, -1, 1, 'float32', 3) as Tensor4D,
  noise: gaussianNoise(std),
});

describe('diffpir from the measurement', () => {
  useTestBackend('cpu');

  it('starts at the z of a step: A(y - A z) = rho z without noise', () => {
    tf.tidy(() => {
      const { operator, measurement, ...rest } = problem();
      const sampler = diffpir({ lambda: 2, temperature: 0, startFrom: 'measurement' });
      const { x: z } = sampler.init({ operator, measurement, ...rest }, run);
      const misfit = tf.sub<Tensor4D>(measurement, operator.forward(z));
      const rho = (2 * std ** 2) / 0.8 ** 2;
      expect(maxError(operator.adjoint(misfit), tf.mul<Tensor4D>(z, rho))).toBeLessThan(1e-5);
    });
  });

  it('adds the share `temperature` of the first noise level', () => {
    tf.tidy(() => {
      const at = (temperature: number) =>
        diffpir({ temperature, startFrom: 'measurement' }).init(problem(), run).x;
      const added = tf.sub<Tensor4D>(at(0.5), at(0));
      expect(maxError(added, tf.mul(run.normal(shape), 0.5 * 0.8))).toBeLessThan(1e-6);
    });
  });

  it('gives the same image for the same seed, and another for another', async () => {
    const one = async (seed: number) => {
      const options = { schedule: [0.8, 0.2, 0], seed };
      return (await sample(diffpir({ startFrom: 'measurement' }), problem(), options)).sample;
    };
    const [a, b, c] = [await one(1), await one(1), await one(2)];
    expect(maxError(a, b)).toBe(0);
    expect(maxError(a, c)).toBeGreaterThan(0.01);
  });

  it('is named in full', () => {
    expect(() => diffpir({ startFrom: 'nothing' as never })).toThrow(
      errorNaming('RangeError', 'diffpir: startFrom', 'noise or measurement', 'got nothing'),
    );
  });
});
