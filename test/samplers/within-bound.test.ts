import * as tf from '@tensorflow/tfjs';
import { type Denoiser, dpir, gaussianNoise, jpeg, measure, roundingNoise, sample } from 'spgd';
import { describe, expect, it } from 'vitest';
import { withinBound } from '../../src/samplers/within-bound';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';

describe('the end of a run with bounded noise', () => {
  useTestBackend('cpu');
  const operator = jpeg({ quality: 20 });
  const noise = roundingNoise();
  const clean = tf.randomUniform<tf.Rank.R4>([1, 32, 48, 3], -1, 1, 'float32', 2);
  const measurement = measure(operator, clean, noise);
  const farthest = (x: tf.Tensor4D) =>
    tf.tidy(() => tf.max(tf.abs(tf.sub(operator.forward(x), measurement))).dataSync()[0]!);

  it('moves an image until each coefficient lies in its interval, and then no more', () => {
    tf.tidy(() => {
      const other = tf.randomUniform<tf.Rank.R4>([1, 32, 48, 3], -1, 1, 'float32', 3);
      const problem = { operator, measurement, noise };
      expect(farthest(other)).toBeGreaterThan(5);
      const moved = withinBound(problem, other);
      expect(farthest(moved)).toBeLessThan(Math.sqrt(3) + 1e-3);
      expect(maxError(withinBound(problem, moved), moved)).toBeLessThan(1e-5);
      expect(maxError(withinBound(problem, clean), clean)).toBeLessThan(1e-5);
      // What lies inside stays: only coefficients outside change, each to the nearer end.
      const predicted = operator.forward(other);
      const nearest = tf.minimum(
        tf.maximum(predicted, tf.sub(measurement, noise.bound)),
        tf.add(measurement, noise.bound),
      );
      expect(maxError(operator.forward(moved), nearest)).toBeLessThan(1e-3);
    });
  });

  it('is where dpir ends, from a start that measures y exactly', async () => {
    const seen: tf.Tensor4D[] = [];
    const denoiser: Denoiser = {
      denoise(x) {
        seen.push(tf.keep(tf.clone(x)));
        return tf.mul(x, 0.3);
      },
    };
    const sampler = dpir({ lambda: 0.7, startFrom: 'measurement' });
    const options = { schedule: [0.1, 0] };
    const bounded = await sample(sampler, { denoiser, operator, measurement, noise }, options);
    expect(farthest(bounded.sample)).toBeLessThan(Math.sqrt(3) + 1e-3);
    expect(maxError(seen[0]!, operator.decode(measurement))).toBeLessThan(1e-4);
    const gaussian = { denoiser, operator, measurement, noise: gaussianNoise(1) };
    const free = await sample(sampler, gaussian, options);
    expect(farthest(free.sample)).toBeGreaterThan(5);
  });
});
