import * as tf from '@tensorflow/tfjs';
import {
  ddnm,
  ddrm,
  diffpir,
  gaussianNoise,
  gaussianPrior,
  identity,
  motionBlur,
  phaseRetrieval,
  pigdm,
  poissonNoise,
  sample,
  spgd,
} from 'spgd';
import { describe, expect, it } from 'vitest';

const schedule = [1, 0];
const denoiser = gaussianPrior();
const noise = gaussianNoise(0.1);
const measurement = tf.zeros<tf.Rank.R4>([1, 8, 8, 1]);
const blur = motionBlur({
  kernel: [
    [0, 0, 0],
    [0.2, 0.6, 0.2],
    [0, 0, 0],
  ],
});

describe('an operator without what a sampler needs', () => {
  const magnitudes = {
    denoiser,
    noise,
    operator: phaseRetrieval({ oversample: 0 }),
    measurement,
  };

  it('does not compile, and is refused before the first step: not linear', async () => {
    // @ts-expect-error phaseRetrieval is not linear
    const first = sample(ddnm(), magnitudes, { schedule });
    await expect(first).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: ddnm: operator must be one with pseudoInverse, got phaseRetrieval]`,
    );
    // @ts-expect-error phaseRetrieval is not linear
    const second = sample(diffpir(), magnitudes, { schedule });
    await expect(second).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: diffpir: operator must be one with solve, got phaseRetrieval]`,
    );
    // @ts-expect-error phaseRetrieval is not linear
    const third = sample(pigdm(), magnitudes, { schedule });
    await expect(third).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: pigdm: operator must be one with solve, got phaseRetrieval]`,
    );
  });

  it('does not compile, and is refused before the first step: no spectrum', async () => {
    const problem = { denoiser, noise, operator: blur, measurement };
    // @ts-expect-error motionBlur has no spectrum
    const refused = sample(ddrm(), problem, { schedule });
    await expect(refused).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: ddrm: operator must be one with spectrum, got motionBlur]`,
    );
    const wrapped = spgd(ddrm(), { learningRate: 1 });
    // @ts-expect-error motionBlur has no spectrum
    const inside = sample(wrapped, problem, { schedule });
    await expect(inside).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: spgd(ddrm): operator must be one with spectrum, got motionBlur]`,
    );
  });
});

describe('noise that a sampler cannot weigh', () => {
  it('does not compile, and is refused before the first step', async () => {
    const problem = { denoiser, noise: poissonNoise(20), operator: identity(), measurement };
    // @ts-expect-error poissonNoise has no std
    const refused = sample(ddrm(), problem, { schedule });
    await expect(refused).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: ddrm: noise must be Gaussian, such as gaussianNoise(0.01), got noise without a std]`,
    );
    // @ts-expect-error poissonNoise has no std
    const second = sample(diffpir(), problem, { schedule });
    await expect(second).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: diffpir: noise must be Gaussian, such as gaussianNoise(0.01), got noise without a std]`,
    );
  });
});

describe('wrong options', () => {
  it('are told by name', () => {
    expect(() => diffpir({ lambda: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: diffpir: lambda must be a number > 0, got 0]`,
    );
    expect(() => diffpir({ zeta: 1.1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: diffpir: zeta must be in [0, 1], got 1.1]`,
    );
    expect(() => diffpir({ temperature: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: diffpir: temperature must be in [0, 1], got -1]`,
    );
    expect(() => pigdm({ eta: -0.1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: pigdm: eta must be in [0, 1], got -0.1]`,
    );
    expect(() => ddrm({ eta: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ddrm: eta must be in [0, 1], got 2]`,
    );
    expect(() => ddrm({ etaB: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ddrm: etaB must be in [0, 1], got NaN]`,
    );
    expect(() =>
      spgd(pigdm(), { learningRate: 1, denoiseAt: 'previous' }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: spgd: denoiseAt must be latest with pigdm, which takes gradients, got previous]`,
    );
  });
});
