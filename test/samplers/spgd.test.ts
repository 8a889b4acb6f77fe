import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  adam,
  type Denoiser,
  type DirectionalMomentumOptions,
  directionalMomentum,
  edmSchedule,
  gaussianNoise,
  gaussianPrior,
  identity,
  probabilityFlow,
  type Sampler,
  sample,
  spgd,
  spgdSample,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { cosine } from '../../src/samplers/directional-momentum';
import { likelihoodGradient } from '../../src/samplers/likelihood-gradient';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';

useTestBackend('cpu');

const one = (values: number[], channels = 1): Tensor4D =>
  tf.tensor4d(values, [1, 1, values.length / channels, channels]);
const number = (tensor: tf.Tensor): number => tensor.dataSync()[0]!;

const counting = (denoiser: Denoiser) => {
  const count = { passes: 0 };
  const linearize: Denoiser['linearize'] = (...args) => {
    count.passes++;
    return denoiser.linearize!(...args);
  };
  const denoise: Denoiser['denoise'] = (...args) => {
    count.passes++;
    return denoiser.denoise(...args);
  };
  return { denoiser: { denoise, linearize }, count };
};

describe('adaptive directional momentum', () => {
  const options = { momentum: 0.9, similarity: 'image' } as const;
  /** The last direction of a series of gradients. */
  const last = (gradients: readonly Tensor4D[], given: DirectionalMomentumOptions = options) => {
    const { init, update } = directionalMomentum(given);
    let state = init(gradients[0]!.shape);
    let direction = gradients[0]!;
    for (const gradient of gradients) ({ state, direction } = update(state, gradient));
    return direction;
  };

  it('keeps the first gradient, and every gradient when the momentum is 0', () => {
    const g = one([1, -2, 3]);
    expect(maxError(last([g]), g)).toBe(0);
    expect(maxError(last([one([5, 5, 5]), g], { ...options, momentum: 0 }), g)).toBe(0);
  });

  it('weighs the past by how well the new gradient agrees with it', () => {
    const m = one([2, 0]);
    // cos = 1: weight 0.9; cos = 0: weight 0.45; cos = -1: weight 0.
    expect([...last([m, one([1, 0])]).dataSync()]).toEqual([expect.closeTo(1.9, 6), 0]);
    expect([...last([m, one([0, 1])]).dataSync()]).toEqual([
      expect.closeTo(0.9, 6),
      expect.closeTo(0.55, 6),
    ]);
    expect([...last([m, one([-1, 0])]).dataSync()]).toEqual([-1, 0]);
  });

  it('takes the cosine at each pixel over its channels, or over the whole image', () => {
    const a = one([1, 0, 3, 0], 2);
    const b = one([0, 1, 3, 0], 2);
    expect(number(cosine(a, b, 'pixel'))).toBeCloseTo((0 + 1) / 2, 6);
    expect(number(cosine(a, b, 'image'))).toBeCloseTo(9 / 10, 6);
  });

  it('gives 0 where a gradient is 0, never NaN', () => {
    expect(number(cosine(one([0, 0]), one([1, 2]), 'image'))).toBe(0);
    expect(number(cosine(one([0, 0]), one([0, 0]), 'pixel'))).toBe(0);
  });
});

describe('the likelihood gradient', () => {
  it('is 2 D\u2019(x) (D(x) - y) for a Gaussian prior and the identity', () => {
    const denoiser = gaussianPrior({ std: 1 });
    const measurement = one([0.5, -0.25]);
    const x = one([2, 1]);
    const problem = { denoiser, operator: identity(), measurement, noise: gaussianNoise(0) };
    const { gradient, denoised, error } = likelihoodGradient(problem, x, 1);
    expect([...denoised.dataSync()]).toEqual([1, 0.5]);
    expect([...gradient.dataSync()]).toEqual([0.5, 0.75]);
    expect(number(error)).toBeCloseTo(0.25 + 0.5625, 6);
  });

  it('is the same with and without a linearize of the denoiser, and leaks nothing when it throws', () => {
    const whole = gaussianPrior({ std: 0.7, mean: 0.1 });
    const x = one([2, 1, -3]);
    const parts = { operator: identity(), measurement: one([0, 0.5, 1]), noise: gaussianNoise(0) };
    const a = likelihoodGradient({ ...parts, denoiser: whole }, x, 2);
    const b = likelihoodGradient({ ...parts, denoiser: { denoise: whole.denoise } }, x, 2);
    expect(maxError(a.gradient, b.gradient)).toBeLessThan(1e-6);
    const before = tf.memory().numTensors;
    const broken = {
      ...parts,
      operator: {
        name: 'broken',
        forward() {
          throw new Error('no');
        },
      },
    };
    expect(() => likelihoodGradient({ ...broken, denoiser: whole }, x, 2)).toThrow('no');
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('spgd', () => {
  const schedule = edmSchedule({ steps: 4 });
  const run = async (options: Parameters<typeof spgd>[1]) => {
    const { denoiser, count } = counting(gaussianPrior());
    const problem = { denoiser, operator: identity(), measurement: one([0.5, 0.2]) };
    await sample(spgd(probabilityFlow(), options), problem, { schedule });
    return count.passes;
  };

  it('costs N + 1 passes a step, or N with the denoised image of one step before', async () => {
    expect(await run({ learningRate: 0.1, warmupSteps: 3 })).toBe(4 * 4);
    expect(await run({ learningRate: 0.1, warmupSteps: 3, denoiseAt: 'previous' })).toBe(4 * 3);
  });

  it('saves the pass round a base that clones x, and one that reshapes it', async () => {
    const { denoiser, count } = counting(gaussianPrior());
    const problem = { denoiser, operator: identity(), measurement: one([0.5, 0.2]) };
    const options = { learningRate: 0.1, warmupSteps: 3, denoiseAt: 'previous' } as const;
    const plain = await sample(spgd(probabilityFlow(), options), problem, { schedule });
    const reshaped = (x: Tensor4D) => tf.reshape(tf.reshape(x, [-1]), x.shape);
    // Some backends copy the numbers here, and a copy cannot be recognised without reading it.
    const sharesData = (copy: (x: Tensor4D) => tf.Tensor) =>
      copy(problem.measurement).dataId === problem.measurement.dataId;
    for (const copy of [tf.clone, reshaped].filter(sharesData)) {
      count.passes = 0;
      const base: ReturnType<typeof probabilityFlow> = {
        ...probabilityFlow(),
        step: ({ x }, ...rest) => probabilityFlow().step({ x: copy(x) as Tensor4D }, ...rest),
      };
      const result = await sample(spgd(base, options), problem, { schedule });
      expect(count.passes).toBe(4 * 3);
      expect(maxError(result.sample, plain.sample)).toBe(0);
    }
  });

  it('asks the network where the base asks for another x, or another noise level', async () => {
    const { denoiser, count } = counting(gaussianPrior());
    const problem = { denoiser, operator: identity(), measurement: one([0.5, 0.2]) };
    const options = { learningRate: 0.1, warmupSteps: 3, denoiseAt: 'previous' } as const;
    const base: ReturnType<typeof probabilityFlow> = {
      ...probabilityFlow(),
      step: ({ x }, { denoiser: asked }, { sigma }) =>
        tf.tidy(() => ({
          state: { x: asked.denoise(tf.add(x, 0), sigma) },
          denoised: asked.denoise(x, sigma / 2),
        })),
    };
    await sample(spgd(base, options), problem, { schedule });
    expect(count.passes).toBe(4 * (3 + 2));
  });

  it('takes the gradient transform that it is given', async () => {
    const denoiser = gaussianPrior();
    const measurement = one([0.5, 0.2, -0.3]);
    const problem = { denoiser, operator: identity(), measurement, noise: gaussianNoise(0) };
    const start = one([2, -1, 0.4]);
    const levels = [1, 0];
    const lr = 0.05;
    const warm = { learningRate: lr, decay: 0, warmupSteps: 3 };
    const sampler = spgd(probabilityFlow(), { ...warm, transform: adam({ beta1: 0.6 }) });
    const { sample: got } = await sample(sampler, problem, { schedule: levels, start });

    const [m, v] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    const y = [...measurement.dataSync()];
    // D(x; 1) = x / 2, so the gradient of the residual is D(x) - y.
    let x = [...start.dataSync()];
    for (let j = 1; j <= 3; j++)
      x = x.map((value, i) => {
        const g = value / 2 - y[i]!;
        m[i] = 0.6 * m[i]! + 0.4 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g ** 2;
        const spread = Math.sqrt(v[i]! / (1 - 0.999 ** j));
        return value - (lr * m[i]!) / (1 - 0.6 ** j) / (spread + 1e-8);
      });
    expect(
      maxError(
        got,
        x.map((value) => value / 2),
      ),
    ).toBeLessThan(1e-5);
  });

  it('has one way to say how gradients are smoothed', async () => {
    const both = { learningRate: 1, transform: adam(), momentum: 0.5 };
    expect(() => spgd(probabilityFlow(), both)).toThrow(
      errorNaming('TypeError', 'spgd: momentum', 'with transform', 'got 0.5'),
    );
    const problem = {
      denoiser: gaussianPrior(),
      operator: identity(),
      measurement: one([0.5, 0.2]),
    };
    const given = { learningRate: 0.1, warmupSteps: 2, transform: adam() };
    const preset = await spgdSample({ ...problem, ...given, preset: 'released', schedule });
    const direct = spgd(probabilityFlow(), { ...given, denoiseAt: 'previous' });
    const { sample: x } = await sample(direct, problem, { schedule });
    expect(maxError(preset.sample, x)).toBe(0);
  });

  it('without warm-up is its base', async () => {
    const problem = {
      denoiser: gaussianPrior(),
      operator: identity(),
      measurement: one([0.5, 0.2]),
    };
    const plain = await sample(probabilityFlow(), problem, { schedule });
    const wrapped = spgd(probabilityFlow(), { learningRate: 1, warmupSteps: 0 });
    const result = await sample(wrapped, problem, { schedule });
    expect(maxError(result.sample, plain.sample)).toBe(0);
  });

  it('takes a learning rate for each noise level, which is how the paper preset is made', async () => {
    const problem = {
      denoiser: gaussianPrior(),
      operator: identity(),
      measurement: one([0.5, 0.2]),
    };
    const zeta = 0.01;
    const preset = await spgdSample({
      ...problem,
      preset: 'paper',
      learningRate: zeta,
      warmupSteps: 2,
      schedule,
    });
    const sampler = spgd(probabilityFlow(), {
      learningRate: ({ sigma }) => ((1 + sigma ** 2) * zeta) / 2,
      warmupSteps: 2,
      decay: 0,
    });
    const direct = await sample(sampler, problem, { schedule });
    expect(maxError(preset.sample, direct.sample)).toBe(0);
  });

  it('makes the released code of its options', async () => {
    const problem = {
      denoiser: gaussianPrior(),
      operator: identity(),
      measurement: one([0.5, 0.2]),
    };
    const preset = await spgdSample({ ...problem, preset: 'released', learningRate: 0.1 });
    const sampler = spgd(probabilityFlow(), {
      learningRate: 0.1,
      warmupSteps: 5,
      momentum: 0,
      denoiseAt: 'previous',
    });
    const direct = await sample(sampler, problem, { schedule: edmSchedule({ steps: 100 }) });
    expect(maxError(preset.sample, direct.sample)).toBe(0);
  });

  const off = { ...probabilityFlow(), atNoiseLevel: undefined } as unknown as ReturnType<
    typeof probabilityFlow
  >;
  const taking = { ...probabilityFlow(), differentiates: true };
  it.each([
    ['a learning rate of 0', probabilityFlow(), { learningRate: 0 }],
    ['half a warm-up step', probabilityFlow(), { learningRate: 1, warmupSteps: 2.5 }],
    ['a momentum of 1', probabilityFlow(), { learningRate: 1, momentum: 1 }],
    ['a similarity that does not exist', probabilityFlow(), { learningRate: 1, similarity: 'x' }],
    ['a place that does not exist', probabilityFlow(), { learningRate: 1, denoiseAt: 'next' }],
    ['a decay above 1', probabilityFlow(), { learningRate: 1, decay: 2 }],
    [
      'previous without warm-up',
      probabilityFlow(),
      { learningRate: 1, warmupSteps: 0, denoiseAt: 'previous' },
    ],
    [
      'previous round a base that differentiates',
      taking,
      { learningRate: 1, denoiseAt: 'previous' },
    ],
    ['a base that is not at the noise level', off, { learningRate: 1 }],
  ])('refuses %s', (_what, base, options) => {
    const make = () => spgd(base as ReturnType<typeof probabilityFlow>, options as never);
    expect(make).toThrowErrorMatchingSnapshot();
  });
});

/** A base that counts: spgd must hand on what the base carries. */
it('spgd carries the whole state of its base', async () => {
  const base: Sampler<{ x: Tensor4D; count: number }> & { atNoiseLevel: true } = {
    name: 'counter',
    atNoiseLevel: true,
    init: (_problem, run) => ({ x: run.initial(), count: 0 }),
    step: ({ x, count }) => ({
      state: { x: tf.clone(x), count: count + 1 },
      denoised: tf.clone(x),
    }),
  };
  const problem = { denoiser: gaussianPrior(), operator: identity(), measurement: one([0, 0]) };
  let count = 0;
  const onStep = (info: { state: { count: number } }) => {
    count = info.state.count;
  };
  const schedule = edmSchedule({ steps: 7 });
  await sample(spgd(base, { learningRate: 0.1, warmupSteps: 1 }), problem, { schedule, onStep });
  expect(count).toBe(7);
});
