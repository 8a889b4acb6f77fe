import * as tf from '@tensorflow/tfjs';
import * as spgd from 'spgd';
import { describe, expect, test } from 'vitest';
import { useTestBackend } from './support/backend';

useTestBackend('wasm');

const image = (value = 0.1) => tf.fill([2, 13, 11, 1], value) as tf.Tensor4D;

/** How a network behaves from its third pass on, or in its first backward pass. */
type Failure = 'none' | 'pass' | 'backward' | 'abort';

/** A prior that fails as asked for, with tensors of its own alive at that moment. */
function failing(kind: Failure, stop: AbortController): spgd.Denoiser {
  const prior = spgd.gaussianPrior({ mean: 0, std: 0.3 });
  let passes = 0;
  const pass = () => {
    passes++;
    if (passes < 3) return;
    if (kind === 'pass') throw new Error('pass failed');
    if (kind === 'abort') stop.abort();
  };
  return {
    denoise(x, sigma) {
      pass();
      return prior.denoise(x, sigma);
    },
    linearize(x, sigma) {
      pass();
      const { denoised, backward, dispose } = spgd.linearize(prior, x, sigma);
      return {
        denoised,
        backward(cotangent) {
          if (kind === 'backward') throw new Error('backward failed');
          return backward(cotangent);
        },
        dispose,
      };
    },
  };
}

const { dps, daps, mpgd, sitcom, diffpir, pigdm, ddnm, ddrm, redDiff, pnpDm, adamDps } = spgd;
const samplers: Readonly<Record<string, () => spgd.Sampler>> = {
  probabilityFlow: spgd.probabilityFlow,
  reverseDiffusion: spgd.reverseDiffusion,
  spgd: () => spgd.spgd(spgd.probabilityFlow(), { learningRate: 0.05, warmupSteps: 2 }),
  'spgd with adam': () =>
    spgd.spgd(spgd.probabilityFlow(), {
      learningRate: 0.05,
      warmupSteps: 2,
      transform: spgd.adam(),
    }),
  bestOf: () => spgd.bestOf(spgd.dps(), { tries: 2 }),
  meanOf: () => spgd.meanOf(spgd.diffpir(), { runs: 2 }),
  'selfEnsemble, mean': () => spgd.selfEnsemble(spgd.dps(), { mirrors: 'mean' }),
  'selfEnsemble, in turn': () => spgd.selfEnsemble(spgd.diffpir(), { mirrors: 'in-turn' }),
  mmse: spgd.mmse,
  dpir: spgd.dpir,
  ...{ dps, daps, mpgd, sitcom, diffpir, pigdm, ddnm, ddrm, redDiff, pnpDm, adamDps },
};

/** Tensors that a call leaves, and how it ended; what it gives is disposed. */
async function leftBy(call: () => unknown): Promise<[leak: number, end: string]> {
  const before = tf.memory().numTensors;
  let end = 'success';
  try {
    tf.dispose((await call()) as tf.TensorContainer);
  } catch (error) {
    end = (error as Error).name === 'AbortError' ? 'abort' : (error as Error).message;
  }
  return [tf.memory().numTensors - before, end];
}

const operators = {
  inpainting: () =>
    spgd.inpainting({ mask: spgd.boxMask({ height: 13, width: 11, boxHeight: 4, boxWidth: 3 }) }),
  motionBlur: () => spgd.motionBlur({ kernelSize: 3, intensity: 0.5, seed: 1 }),
};

describe('a sampler leaves no tensor', () => {
  const ends: Readonly<Record<Failure, RegExp>> = {
    none: /^success$/,
    // A sampler of one pass, or of none backwards, ends well.
    pass: /^(pass failed|success)$/,
    backward: /^(backward failed|success)$/,
    abort: /^(abort|success)$/,
  };
  test.each(Object.keys(samplers))('%s', async (name) => {
    const operator = spgd.identity();
    for (const kind of ['none', 'pass', 'backward', 'abort'] as const) {
      const stop = new AbortController();
      const measurement = image();
      const problem = { denoiser: failing(kind, stop), operator, measurement };
      const [leak, end] = await leftBy(() =>
        spgd.sample(
          samplers[name]!(),
          { ...problem, noise: spgd.gaussianNoise(0.05) },
          { schedule: spgd.edmSchedule({ steps: 4, sigmaMax: 2 }), seed: 1, signal: stop.signal },
        ),
      );
      expect([kind, leak]).toEqual([kind, 0]);
      expect(end).toMatch(ends[kind]);
      measurement.dispose();
    }
  });
});

describe('an operator leaves no tensor', () => {
  test.each(Object.entries(operators))('%s', async (_, make) => {
    const operator = make();
    const [x, wrong] = [image(), tf.zeros([1, 1, 1, 1]) as tf.Tensor4D];
    const noise = spgd.gaussianNoise(0.05);
    expect(await leftBy(() => spgd.measure(operator, x, noise, { seed: 1 }))).toEqual([
      0,
      'success',
    ]);
    expect(await leftBy(() => operator.adjoint(x))).toEqual([0, 'success']);
    const [leak, end] = await leftBy(() => spgd.measure(operator, wrong, noise));
    expect(leak).toBe(0);
    expect(end).not.toBe('success');
    tf.dispose([x, wrong]);
  });
});

test('metrics, also of pictures that differ in size, leave no tensor', async () => {
  const [a, b, wide] = [image(), image(0.2), tf.zeros([2, 13, 12, 1]) as tf.Tensor4D];
  for (const metric of [spgd.psnr, spgd.ssim]) {
    expect(await leftBy(() => metric(a, b))).toEqual([0, 'success']);
    const [leak, end] = await leftBy(() => metric(a, wide));
    expect(leak).toBe(0);
    expect(end).toMatch(/must be/);
  }
  tf.dispose([a, b, wide]);
});

test('what cannot be made leaves no tensor', async () => {
  const calls: [() => unknown, string][] = [
    [() => spgd.motionBlur({ kernel: [[1, 2]] }), 'kernel'],
    [() => spgd.gaussianBlur({ kernelSize: 4, std: 1 }), 'kernelSize'],
    [() => spgd.superResolution({ scale: 0 }), 'scale'],
    [() => spgd.randomMask({ height: 4, width: 4, missing: 2 }), 'missing'],
    [() => spgd.boxMask({ height: 4, width: 4, boxHeight: 9, boxWidth: 2 }), 'boxHeight'],
    [() => spgd.loadState(new Uint8Array([1, 2, 3])), ''],
    [() => spgd.loadDenoiser('nowhere://model.json'), 'nowhere'],
    [() => spgd.edmSchedule({ steps: 0 }), 'steps'],
  ];
  for (const [call, name] of calls) {
    const [leak, end] = await leftBy(call);
    expect([name, leak]).toEqual([name, 0]);
    expect(end).not.toBe('success');
    expect(end).toContain(name);
  }
});
