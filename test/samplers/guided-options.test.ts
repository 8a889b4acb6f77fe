import * as tf from '@tensorflow/tfjs';
import {
  ddnm,
  ddrm,
  diffpir,
  type ForwardOperator,
  gaussianNoise,
  gaussianPrior,
  identity,
  motionBlur,
  pigdm,
  poissonNoise,
  sample,
  spgd,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { errorNaming } from '../support/error-naming';

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
  const cube: ForwardOperator = {
    name: 'cube',
    forward: (x) => tf.mul(x, tf.square(x)),
  };
  const cubes = { denoiser, noise, operator: cube, measurement };

  it('does not compile, and is refused before the first step: not linear', async () => {
    // @ts-expect-error cube is not linear
    const first = sample(ddnm(), cubes, { schedule });
    await expect(first).rejects.toThrow(
      errorNaming('TypeError', 'ddnm: operator', 'with pseudoInverse', 'got cube'),
    );
    // @ts-expect-error cube is not linear
    const second = sample(diffpir(), cubes, { schedule });
    await expect(second).rejects.toThrow(
      errorNaming('TypeError', 'diffpir: operator', 'with conditionalMean', 'got cube'),
    );
    // @ts-expect-error cube is not linear
    const third = sample(pigdm(), cubes, { schedule });
    await expect(third).rejects.toThrow(
      errorNaming('TypeError', 'pigdm: operator', 'with solve', 'got cube'),
    );
  });

  it('does not compile, and is refused before the first step: no spectrum', async () => {
    const problem = { denoiser, noise, operator: blur, measurement };
    // @ts-expect-error motionBlur has no spectrum
    const refused = sample(ddrm(), problem, { schedule });
    await expect(refused).rejects.toThrow(
      errorNaming('TypeError', 'ddrm: operator', 'with spectrum', 'got motionBlur'),
    );
    const wrapped = spgd(ddrm(), { learningRate: 1 });
    // @ts-expect-error motionBlur has no spectrum
    const inside = sample(wrapped, problem, { schedule });
    await expect(inside).rejects.toThrow(
      errorNaming('TypeError', 'spgd(ddrm): operator', 'with spectrum', 'got motionBlur'),
    );
  });
});

describe('noise that a sampler cannot weigh', () => {
  it('does not compile, and is refused before the first step', async () => {
    const problem = { denoiser, noise: poissonNoise(20), operator: identity(), measurement };
    // @ts-expect-error poissonNoise has no std
    const refused = sample(ddrm(), problem, { schedule });
    await expect(refused).rejects.toThrow(
      errorNaming('TypeError', 'ddrm: noise', 'gaussianNoise(0.01)', 'got noise without a std'),
    );
    // @ts-expect-error poissonNoise has no std
    const second = sample(diffpir(), problem, { schedule });
    await expect(second).rejects.toThrow(
      errorNaming('TypeError', 'diffpir: noise', 'gaussianNoise(0.01)', 'got noise without a std'),
    );
  });
});

describe('wrong options', () => {
  it('are told by name', () => {
    expect(() => diffpir({ lambda: 0 })).toThrow(
      errorNaming('RangeError', 'diffpir: lambda', '> 0', 'got 0'),
    );
    expect(() => diffpir({ zeta: 1.1 })).toThrow(
      errorNaming('RangeError', 'diffpir: zeta', '[0, 1]', 'got 1.1'),
    );
    expect(() => diffpir({ temperature: -1 })).toThrow(
      errorNaming('RangeError', 'diffpir: temperature', '[0, 1]', 'got -1'),
    );
    expect(() => pigdm({ eta: -0.1 })).toThrow(
      errorNaming('RangeError', 'pigdm: eta', '[0, 1]', 'got -0.1'),
    );
    expect(() => ddrm({ eta: 2 })).toThrow(
      errorNaming('RangeError', 'ddrm: eta', '[0, 1]', 'got 2'),
    );
    expect(() => ddrm({ etaB: NaN })).toThrow(
      errorNaming('RangeError', 'ddrm: etaB', '[0, 1]', 'got NaN'),
    );
    expect(() => spgd(pigdm(), { learningRate: 1, denoiseAt: 'previous' })).toThrow(
      errorNaming(
        'TypeError',
        'spgd: denoiseAt',
        'latest with pigdm, which takes gradients',
        'got previous',
      ),
    );
  });
});
