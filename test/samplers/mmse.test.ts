import * as tf from '@tensorflow/tfjs';
import {
  circularBlur,
  countPasses,
  gaussianNoise,
  gaussianPrior,
  identity,
  mmse,
  poissonNoise,
  sample,
  spgd,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { apply, combine, dense, eye, inverse, mix } from '../support/dense';
import { errorNaming } from '../support/error-naming';
import { correlatedPrior, type Moments, type Size } from './affine';
import { samplerLaws } from './sampler-laws';

useTestBackend('wasm');

describe('mmse', () => {
  samplerLaws(mmse, { isDeterministic: true });

  const size: Size = [3, 5];
  const pixels = 15;
  const std = 0.3;
  const y = Array.from({ length: pixels }, (_, i) => Math.sin(i + 1));
  const problem = {
    operator: identity(),
    measurement: tf.tensor4d(y, [1, ...size, 1]),
    noise: gaussianNoise(std),
  };

  it('is the posterior mean of a Gaussian prior', async () => {
    const prior = gaussianPrior({ mean: 0.2, std: 0.6 });
    const { sample: x } = await sample(
      mmse(),
      { ...problem, denoiser: prior },
      { schedule: [1, 0] },
    );
    const precision = 1 / 0.6 ** 2 + 1 / std ** 2;
    const mean = y.map((value) => (0.2 / 0.6 ** 2 + value / std ** 2) / precision);
    expect(maxError(x, mean)).toBeLessThan(1e-5);
  });

  it('is the posterior mean of a prior whose pixels depend on each other', async () => {
    const prior: Moments = {
      mean: Array.from({ length: pixels }, (_, i) => 0.4 * Math.cos(i)),
      covariance: dense(
        pixels,
        pixels,
        (i, j) => 0.5 * Math.exp(-((i - j) ** 2) / 8) + (i === j ? 0.05 : 0),
      ),
    };
    const denoiser = correlatedPrior(prior, size);
    const { sample: x } = await sample(mmse(), { ...problem, denoiser }, { schedule: [1, 0] });
    // (C⁻¹ + I / std²)⁻¹ (C⁻¹ m + y / std²)
    const inverseCovariance = inverse(prior.covariance);
    const precision = combine(1, inverseCovariance, 1 / std ** 2, eye(pixels));
    const right = mix(1, apply(inverseCovariance, prior.mean), 1 / std ** 2, y);
    expect(maxError(x, apply(inverse(precision), right))).toBeLessThan(1e-5);
  });

  it('takes one network pass, however long the schedule', async () => {
    const none = { denoise: 0, gradient: 0 };
    const once = { denoise: 1, gradient: 0 };
    expect(await countPasses(mmse() as never, [1, 0])).toEqual([once]);
    expect(await countPasses(mmse() as never, [3, 2, 1, 0])).toEqual([once, none, none]);
  });

  it('refuses other operators, other noise and spgd: neither by type nor at run time', async () => {
    const denoiser = gaussianPrior();
    const kernel = [
      [0, 0.1, 0],
      [0.2, 0.4, 0.2],
      [0, 0.1, 0],
    ];
    const blurred = { ...problem, denoiser, operator: circularBlur({ kernel }) };
    // @ts-expect-error circularBlur is not identity
    const first = sample(mmse(), blurred, { schedule: [1, 0] });
    await expect(first).rejects.toThrow(
      errorNaming('TypeError', 'mmse: operator', '()', 'got circularBlur'),
    );
    const shot = { ...problem, denoiser, noise: poissonNoise(20) };
    // @ts-expect-error poissonNoise has no std
    const second = sample(mmse(), shot, { schedule: [1, 0] });
    await expect(second).rejects.toThrow('mmse: noise must be Gaussian with std > 0');
    const exact = { ...problem, denoiser, noise: gaussianNoise(0) };
    await expect(sample(mmse(), exact, { schedule: [1, 0] })).rejects.toThrow('got std 0');
    // @ts-expect-error mmse is not at the noise level
    expect(() => spgd(mmse(), { learningRate: 1 })).toThrow(
      'spgd: base must be a sampler with atNoiseLevel, got mmse',
    );
  });
});
