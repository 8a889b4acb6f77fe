import * as tf from '@tensorflow/tfjs';
import {
  adamDps,
  daps,
  dps,
  gaussianNoise,
  gaussianPrior,
  identity,
  mpgd,
  pnpDm,
  poissonNoise,
  redDiff,
  sample,
  sitcom,
  spgd,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';

const schedule = [1, 0];
const problem = {
  denoiser: gaussianPrior(),
  operator: identity(),
  measurement: tf.zeros<tf.Rank.R4>([1, 4, 5, 1]),
};

describe('a sampler whose x is a clean image', () => {
  it('is nothing that spgd can wrap: neither by type nor at run time', () => {
    // @ts-expect-error redDiff is not at the noise level
    const first = () => spgd(redDiff(), { learningRate: 1 });
    expect(first).toThrow(
      errorNaming('TypeError', 'spgd: base', 'with atNoiseLevel', 'got redDiff'),
    );
    // @ts-expect-error pnpDm is not at the noise level
    const second = () => spgd(pnpDm(), { learningRate: 1 });
    expect(second).toThrow(
      errorNaming('TypeError', 'spgd: base', 'with atNoiseLevel', 'got pnpDm'),
    );
  });
});

describe('noise that a sampler cannot weigh', () => {
  it('does not compile, and is refused before the first step', async () => {
    const shot = { ...problem, noise: poissonNoise(20) };
    // @ts-expect-error poissonNoise has no std
    const first = sample(sitcom(), shot, { schedule });
    await expect(first).rejects.toThrow(
      errorNaming('TypeError', 'sitcom: noise', 'gaussianNoise(0.01)', 'got noise without a std'),
    );
    const exact = { ...problem, noise: gaussianNoise(0) };
    const second = sample(pnpDm(), exact, { schedule });
    await expect(second).rejects.toThrow(
      errorNaming('RangeError', 'pnpDm: noise', 'gaussianNoise(0.01)', 'got std 0'),
    );
  });

  it('is not Poisson noise for those that take a residual or a likelihood', async () => {
    const shot = { ...problem, noise: poissonNoise(20) };
    const two = { schedule: [2, 1, 0] };
    const chains = [daps({ innerSteps: 3 }), pnpDm({ denoiseSteps: 2, innerSteps: 3 })];
    for (const sampler of [dps(), mpgd({ scale: 0.1 }), ...chains]) {
      const { sample: x } = await sample(sampler, shot, two);
      expect(x.shape).toEqual([1, 4, 5, 1]);
    }
  });
});

describe('the chain of daps', () => {
  it('follows the likelihood of the noise, or the tau of the released code in its place', async () => {
    const y = tf.tensor4d([0.4, -0.2, 0.1, 0.9], [1, 2, 2, 1]);
    const options = { odeSteps: 2, innerSteps: 5, learningRate: 1e-3 };
    const run = async (sampler: ReturnType<typeof daps>, noise = gaussianNoise(0.2)) => {
      const given = { ...problem, measurement: y, noise };
      return (await sample(sampler, given, { schedule })).sample.dataSync();
    };
    const own = await run(daps(options));
    expect(maxError(await run(daps({ ...options, tau: 0.2 * Math.SQRT2 })), own)).toBeLessThan(
      1e-6,
    );
    expect(maxError(await run(daps({ ...options, tau: 0.5 })), own)).toBeGreaterThan(0.01);
    expect(maxError(await run(daps(options), gaussianNoise(0.4)), own)).toBeGreaterThan(0.01);
  });
});

describe('wrong options are told by name:', () => {
  it.each<[name: string, make: () => unknown, text: string]>([
    ['dps', () => dps({ zeta: 0 }), 'dps: zeta must be a number > 0, got 0'],
    ['dps', () => dps({ eta: 1.5 }), 'dps: eta must be in [0, 1], got 1.5'],
    ['adamDps', () => adamDps({ strength: -1 }), 'adamDps: strength must be a number > 0, got -1'],
    ['adamDps', () => adamDps({ beta1: 1 }), 'adamDps: beta1 must be in [0, 1), got 1'],
    ['adamDps', () => adamDps({ beta2: NaN }), 'adamDps: beta2 must be in [0, 1), got NaN'],
    ['adamDps', () => adamDps({ eta: -0.1 }), 'adamDps: eta must be in [0, 1], got -0.1'],
    ['mpgd', () => mpgd({ scale: Infinity }), 'mpgd: scale must be a number > 0, got Infinity'],
    ['mpgd', () => mpgd({ eta: 2 }), 'mpgd: eta must be in [0, 1], got 2'],
    [
      'sitcom',
      () => sitcom({ innerSteps: 0 }),
      'sitcom: innerSteps must be an integer >= 1, got 0',
    ],
    [
      'sitcom',
      () => sitcom({ learningRate: 0 }),
      'sitcom: learningRate must be a number > 0, got 0',
    ],
    ['sitcom', () => sitcom({ lambda: -1 }), 'sitcom: lambda must be a number >= 0, got -1'],
    ['daps', () => daps({ odeSteps: 2.5 }), 'daps: odeSteps must be an integer >= 1, got 2.5'],
    ['daps', () => daps({ innerSteps: 0 }), 'daps: innerSteps must be an integer >= 1, got 0'],
    ['daps', () => daps({ learningRate: 0 }), 'daps: learningRate must be a number > 0, got 0'],
    ['daps', () => daps({ decay: 2 }), 'daps: decay must be in [0, 1], got 2'],
    ['daps', () => daps({ momentum: 1 }), 'daps: momentum must be in [0, 1), got 1'],
    ['daps', () => daps({ tau: 0 }), 'daps: tau must be a number > 0, got 0'],
    ['redDiff', () => redDiff({ lambda: 0 }), 'redDiff: lambda must be a number > 0, got 0'],
    [
      'redDiff',
      () => redDiff({ learningRate: 0 }),
      'redDiff: learningRate must be a number > 0, got 0',
    ],
    ['redDiff', () => redDiff({ beta1: 1 }), 'redDiff: beta1 must be in [0, 1), got 1'],
    ['pnpDm', () => pnpDm({ rhoMin: 0 }), 'pnpDm: rhoMin must be a number > 0, got 0'],
    [
      'pnpDm',
      () => pnpDm({ denoiseSteps: 0 }),
      'pnpDm: denoiseSteps must be an integer >= 1, got 0',
    ],
    ['pnpDm', () => pnpDm({ eta: 2 }), 'pnpDm: eta must be in [0, 1], got 2'],
    ['pnpDm', () => pnpDm({ innerSteps: 0 }), 'pnpDm: innerSteps must be an integer >= 1, got 0'],
    ['pnpDm', () => pnpDm({ learningRate: 0 }), 'pnpDm: learningRate must be a number > 0, got 0'],
  ])('%s', (_name, make, text) => {
    expect(make).toThrow(new RangeError(text));
  });

  it('a base that takes gradients, with the denoised image of one step before', () => {
    for (const base of [dps(), adamDps()])
      expect(() =>
        spgd(base as ReturnType<typeof dps>, { learningRate: 1, denoiseAt: 'previous' }),
      ).toThrow(`spgd: denoiseAt must be latest with ${base.name}, which takes gradients`);
    const options = { learningRate: 1, denoiseAt: 'previous' } as const;
    expect([spgd(daps(), options), spgd(mpgd(), options)].map(({ name }) => name)).toEqual([
      'spgd(daps)',
      'spgd(mpgd)',
    ]);
  });
});
