import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  adamDps,
  bestOf,
  daps,
  ddnm,
  ddrm,
  diffpir,
  dpir,
  dps,
  edmSchedule,
  type ForwardOperator,
  gaussianNoise,
  gaussianPrior,
  identity,
  inpainting,
  motionBlur,
  mpgd,
  phaseRetrieval,
  pigdm,
  pnpDm,
  probabilityFlow,
  randomMask,
  redDiff,
  reverseDiffusion,
  type Sampler,
  type StepInfo,
  sample,
  sitcom,
  spgd,
} from 'spgd';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useTestBackend } from '../../support/backend';
import { maxError } from '../../support/close';
import { errorNaming, naming } from '../../support/error-naming';

useTestBackend('wasm');

const loose = (make: () => unknown) => make as () => Sampler;
const samplers: Record<string, () => Sampler> = {
  adamDps: loose(() => adamDps({ strength: 0.1 })),
  bestOf: loose(() => bestOf(dps({ zeta: 0.1 }), { tries: 2 })),
  daps: loose(() => daps({ odeSteps: 2, innerSteps: 3, learningRate: 1e-3 })),
  ddnm: loose(ddnm),
  ddrm: loose(ddrm),
  diffpir: loose(diffpir),
  dpir: loose(dpir),
  dps: loose(() => dps({ zeta: 0.1 })),
  mpgd: loose(() => mpgd({ scale: 0.5 })),
  pigdm: loose(pigdm),
  pnpDm: loose(() => pnpDm({ denoiseSteps: 3 })),
  redDiff: loose(redDiff),
  sitcom: loose(() => sitcom({ innerSteps: 3 })),
  spgd: loose(() => spgd(reverseDiffusion(), { learningRate: 0.1, warmupSteps: 2 })),
};
const denoiser = gaussianPrior({ mean: 0.1, std: 0.4 });
const schedule = edmSchedule({ steps: 4, sigmaMax: 3 });
const noise = gaussianNoise(0.1);

describe('what lies under the mask of inpainting', () => {
  it.each(Object.entries(samplers))(
    'changes neither the result of %s nor its error, NaN included',
    async (_name, make) => {
      const mask = randomMask({ height: 5, width: 7, missing: 0.3 });
      const clean = tf.randomUniform<tf.Rank.R4>([2, 5, 7, 3], -1, 1, 'float32', 1);
      const known = tf.mul<Tensor4D>(clean, mask);
      const missing = tf.sub(1, mask);
      const scratched = tf.add<Tensor4D>(known, missing);
      const unknown = tf.where(tf.cast(missing, 'bool'), Number.NaN, clean) as Tensor4D;
      const operator = inpainting({ mask });
      const run = async (measurement: Tensor4D) => {
        const errors: number[] = [];
        const onStep = ({ error }: StepInfo) => void errors.push(...error);
        const problem = { denoiser, operator, measurement, noise };
        const before = tf.memory().numTensors;
        const { sample: x } = await sample(make(), problem, { schedule, onStep });
        expect(tf.memory().numTensors).toBe(before + 1);
        return [...x.dataSync(), ...errors];
      };
      const expected = await run(known);
      expect(maxError(await run(scratched), expected)).toBe(0);
      expect(maxError(await run(unknown), expected)).toBe(0);
    },
  );
});

/** The error of a run, as text; a leak is an error of its own. */
async function refusal(parts: object, options: object = {}, make: () => unknown = dps) {
  const measurement = tf.zeros<tf.Rank.R4>([1, 4, 4, 1]);
  const problem = { denoiser, operator: identity(), measurement, noise, ...parts };
  const before = tf.memory().numTensors;
  const run = sample(make() as Sampler, problem, { schedule, ...options });
  const text = await run.then(() => 'no error', String);
  return tf.memory().numTensors === before ? text : `${text}, and a leak`;
}

const withOne = (value: number): Tensor4D => {
  const values = new Float32Array(16);
  values[6] = value;
  return tf.tensor4d(values, [1, 4, 4, 1]);
};
const gone = <T extends tf.Tensor>(tensor: T): T => {
  tensor.dispose();
  return tensor;
};

describe('values that do not fit are refused before the first step', () => {
  it('NaN or infinity in the measurement, by its place, whatever the sampler', async () => {
    expect(await refusal({ measurement: withOne(Number.NaN) })).toMatch(
      naming('RangeError: dps: measurement', 'finite', 'got NaN at [0, 1, 2, 0]'),
    );
    for (const [name, make] of Object.entries(samplers)) {
      const text = await refusal({ measurement: withOne(Infinity) }, {}, make);
      const owner = { bestOf: 'bestOf(dps)', spgd: 'spgd(reverseDiffusion)' }[name] ?? name;
      expect(text).toBe(
        `RangeError: ${owner}: measurement must be finite, got Infinity at [0, 1, 2, 0]`,
      );
    }
  });

  it('a start or a saved state that is not finite', async () => {
    expect(await refusal({}, { start: withOne(-Infinity) })).toMatch(
      naming('RangeError: dps: start', 'finite', 'got -Infinity at [0, 1, 2, 0]'),
    );
    const resume = { index: 1, state: { x: withOne(Number.NaN) } };
    expect(await refusal({}, { resume })).toMatch(
      naming('RangeError: dps: resume.state.x', 'finite', 'got NaN at [0, 1, 2, 0]'),
    );
  });

  it('a mask or a kernel that is not finite', async () => {
    const operator = inpainting({ mask: withOne(Number.NaN) });
    expect(await refusal({ operator })).toMatch(
      naming('RangeError: inpainting: mask', 'finite', 'got NaN at [0, 1, 2, 0]'),
    );
    const kernel = tf.tensor2d([0, 0, 0, 0, 255, 0, 0, 0, 0], [3, 3]);
    expect(await refusal({ operator: motionBlur({ kernel }) })).toMatch(
      naming('RangeError: motionBlur: kernel', 'of sum 1', 'normalize true', 'got a sum of 255'),
    );
  });

  it('a tensor that was disposed, by its name', async () => {
    const shape: [number, number, number, number] = [1, 4, 4, 1];
    expect(await refusal({ measurement: gone(tf.ones(shape)) })).toMatch(
      naming('TypeError: dps: measurement', 'that is not disposed', 'got a disposed tensor'),
    );
    expect(await refusal({}, { start: gone(tf.ones(shape)) })).toMatch(
      naming('TypeError: dps: start', 'that is not disposed', 'got a disposed tensor'),
    );
    expect(() => inpainting({ mask: gone(tf.ones(shape)) })).toThrow(
      errorNaming('TypeError', 'inpainting: mask', 'that is not disposed', 'got a disposed tensor'),
    );
    const mask: Tensor4D = tf.ones(shape);
    const operator = inpainting({ mask });
    mask.dispose();
    expect(await refusal({ operator })).toMatch(
      naming('TypeError: inpainting: mask', 'that is not disposed', 'got a disposed tensor'),
    );
  });

  it('integers', async () => {
    expect(await refusal({ measurement: tf.ones([1, 4, 4, 1], 'int32') })).toMatch(
      naming('TypeError: dps: measurement', 'of float32', 'got int32'),
    );
    expect(await refusal({}, { start: tf.ones([1, 4, 4, 1], 'int32') })).toMatch(
      naming('TypeError: dps: start', 'of float32', 'got int32'),
    );
  });
});

describe('noise that is left out', () => {
  it.each(['ddnm', 'ddrm', 'diffpir', 'dpir', 'pigdm', 'daps', 'pnpDm', 'sitcom'])(
    'is refused by %s, which uses it, with the least of an 8-bit photo',
    async (name) => {
      expect(await refusal({ noise: undefined }, {}, samplers[name])).toBe(
        `TypeError: ${name}: noise must be given, such as gaussianNoise(2 / 255), 1/255 of the range: the least of an 8-bit photo, got undefined`,
      );
    },
  );

  it('is 0 for samplers that follow the residual', async () => {
    for (const name of ['dps', 'adamDps', 'mpgd', 'spgd', 'bestOf', 'redDiff'])
      expect(await refusal({ noise: undefined }, {}, samplers[name])).toContain('no error');
  });

  it('keeps the start of redDiff near the range of images, for an 8-bit photo', async () => {
    const kernel = Array.from({ length: 5 }, () => new Array<number>(5).fill(1));
    const operator = motionBlur({ kernel, normalize: true });
    const clean = tf.randomUniform<tf.Rank.R4>([1, 31, 37, 1], -1, 1, 'float32', 3);
    const grey = tf.round(tf.mul(operator.forward(clean), 127.5));
    const measurement = tf.div<Tensor4D>(grey, 127.5);
    const starts: number[] = [];
    const onStep = ({ denoised }: StepInfo) =>
      void starts.push(tf.max(tf.abs(denoised)).dataSync()[0]!);
    await sample(redDiff(), { denoiser, operator, measurement }, { schedule, onStep });
    expect(starts[0]).toBeLessThan(4);
  });
});

describe('a measurement far outside [-1, 1]', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('is warned about once, except where the operator makes such values', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const run = async (measurement: Tensor4D, operator: ForwardOperator = identity()) => {
      const problem = { denoiser, operator, measurement, noise: gaussianNoise(2) };
      await sample(probabilityFlow(), problem, { schedule: [1, 0] });
    };
    const shape: [number, number, number, number] = [1, 16, 16, 1];
    await run(tf.randomNormal(shape, 0, 2, 'float32', 1));
    const magnitudes = phaseRetrieval({ oversample: 0 });
    await run(tf.mul(magnitudes.forward(tf.ones(shape)), 0.9), magnitudes);
    expect(warn).not.toHaveBeenCalled();
    await run(tf.randomUniform(shape, 0, 255, 'float32', 1));
    await run(tf.randomUniform(shape, 0, 255, 'float32', 2));
    expect(warn.mock.calls).toMatchInlineSnapshot(`
      [
        [
          "probabilityFlow: measurement has values far outside its range: images are in [-1, 1]; for grey levels in [0, 255] take x / 127.5 - 1",
        ],
      ]
    `);
  });
});

describe('an item that became NaN', () => {
  const sqrt: ForwardOperator = { name: 'sqrt', forward: (x) => tf.sqrt(x) };
  const positive = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
  const far = gaussianPrior({ mean: -3, std: 0.1 });

  it('is blamed on the operator, where that gave NaN for a finite image', async () => {
    const problem = { denoiser: far, operator: sqrt, measurement: positive };
    const run = sample(dps(), problem, { schedule });
    await expect(run).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SamplingError: item 0 became NaN or infinite at step 0: sqrt gave it for a finite image: check the operator]`,
    );
  });

  it('is blamed on the step size, where x diverged although all that was asked is finite', async () => {
    const problem = { denoiser, operator: identity(), measurement: positive };
    const sampler = spgd(probabilityFlow(), { learningRate: 1e30, decay: 0 });
    await expect(sample(sampler, problem, { schedule })).rejects.toThrow(/: lower learningRate$/);
  });
});
