import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  diffpir,
  edmSchedule,
  gaussianNoise,
  gaussianPrior,
  identity,
  linearize,
  mmse,
  probabilityFlow,
  type Sampler,
  type SamplerState,
  sample,
  selfEnsemble,
  spgd,
  type Tile,
  tiledDenoiser,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { samplerLaws } from './sampler-laws';

useTestBackend('wasm');

const noise = gaussianNoise(0.3);
const image = (seed: number) => tf.randomUniform<tf.Rank.R4>([2, 4, 5, 3], -1, 1, 'float32', seed);

/** A denoiser that tells left from right and top from bottom, and bends x: no mirror leaves it the same. */
const lopsided: Denoiser = {
  denoise: (x) =>
    tf.tidy(() => {
      const [, height, width] = x.shape;
      const rows = tf.reshape<tf.Rank.R4>(tf.linspace(0.2, 1.5, height), [1, height, 1, 1]);
      const columns = tf.reshape<tf.Rank.R4>(tf.linspace(0.3, 0.9, width), [1, 1, width, 1]);
      return tf.sin(tf.mul<Tensor4D>(tf.mul(rows, columns), x));
    }),
};

/** What a sampler's denoiser is at a step, as a function of x. */
async function seen(mirrors: 'in-turn' | 'mean', index: number): Promise<Denoiser> {
  let denoiser: Denoiser | undefined;
  const spy: Sampler = {
    name: 'spy',
    init: ({ measurement }): SamplerState => ({ x: tf.clone(measurement) }),
    step: ({ x }, problem, level) => {
      if (level.index === index) denoiser = problem.denoiser;
      return { state: { x: tf.clone(x) }, denoised: tf.clone(x) };
    },
  };
  const problem = { denoiser: lopsided, operator: identity(), measurement: image(1), noise };
  await sample(selfEnsemble(spy, { mirrors }), problem, {
    schedule: edmSchedule({ steps: 6, sigmaMax: 1 }),
  });
  return denoiser!;
}

const axes = [[], [1, 2], [2], [1]];
const by = (axis: number[]) => {
  const x = image(2);
  return tf.reverse(lopsided.denoise(tf.reverse(x, axis), 0.5), axis);
};

describe('selfEnsemble of SPGD', () =>
  samplerLaws(() =>
    selfEnsemble(spgd(probabilityFlow(), { learningRate: 0.05, warmupSteps: 1 }), {
      mirrors: 'in-turn',
    }),
  ));

describe('selfEnsemble', () => {
  it.each([0, 1, 2, 3, 4])('in turn shows step %i one of four images', async (index) => {
    const denoised = (await seen('in-turn', index)).denoise(image(2), 0.5);
    const others = axes.map((axis) => maxError(denoised, by(axis)));
    expect(others.indexOf(0)).toBe(index % 4);
    expect(others.filter((error) => error > 0.1)).toHaveLength(3);
  });

  it('takes the mean of all four, which mirrors as its image does', async () => {
    const mean = await seen('mean', 3);
    const expected = tf.div(tf.addN(axes.map(by)), 4) as Tensor4D;
    expect(maxError(mean.denoise(image(2), 0.5), expected)).toBeLessThan(1e-6);
    for (const axis of axes) {
      const mirrored = mean.denoise(tf.reverse(image(2), axis), 0.5);
      expect(maxError(mirrored, tf.reverse(expected, axis))).toBeLessThan(1e-6);
    }
  });

  it.each([
    ['in-turn', 1],
    ['mean', 0],
  ] as const)('%s has the gradient of what it denoises', async (mirrors, index) => {
    const denoiser = await seen(mirrors, index);
    const v = image(3);
    const at = linearize(denoiser, image(2), 0.5);
    expect(maxError(at.denoised, denoiser.denoise(image(2), 0.5))).toBe(0);
    const tape = tf.grad((x) => denoiser.denoise(x as Tensor4D, 0.5))(image(2), v);
    expect(maxError(at.backward(v), tape)).toBeLessThan(1e-6);
  });

  it('changes nothing for a prior that knows no left from right', async () => {
    const denoiser = gaussianPrior({ mean: 0.2, std: 0.6 });
    const problem = { denoiser, operator: identity(), measurement: image(4), noise };
    const schedule = edmSchedule({ steps: 5, sigmaMax: 2 });
    for (const [sampler, mirrors] of [
      [diffpir(), 'in-turn'],
      [mmse(), 'mean'],
    ] as const) {
      const alone = await sample(sampler as Sampler, problem, { schedule });
      const four = await sample(selfEnsemble(sampler, { mirrors }) as Sampler, problem, {
        schedule,
      });
      expect(maxError(four.sample, alone.sample)).toBeLessThan(1e-6);
    }
  });

  it.each(['in-turn', 'mean'] as const)('%s leaves known tiles where they are', async (mirrors) => {
    const known = { image: image(5), covers: ({ left }: Tile) => left === 0 };
    const denoiser = tiledDenoiser(lopsided, { size: 4, overlap: 1, known });
    const problem = { denoiser, operator: identity(), measurement: image(6), noise };
    const schedule = edmSchedule({ steps: 5, sigmaMax: 2 });
    const alone = await sample(diffpir(), problem, { schedule });
    const four = await sample(selfEnsemble(diffpir(), { mirrors }), problem, { schedule });
    expect(maxError(four.sample, alone.sample)).toBe(0);
  });

  it('refuses other mirrors, and names the sampler inside', () => {
    expect(() => selfEnsemble(mmse(), { mirrors: 'all' as 'mean' })).toThrow(
      new RangeError('selfEnsemble: mirrors must be in-turn or mean, got all'),
    );
    expect(selfEnsemble(mmse(), { mirrors: 'mean' })).toMatchObject({
      name: 'selfEnsemble(mmse)',
      isEstimate: true,
    });
  });
});
