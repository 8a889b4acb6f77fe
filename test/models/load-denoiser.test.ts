import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { ddpmDenoiser, type LoadDenoiserOptions, loadDenoiser, vpDenoiser } from 'spgd';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Layer, Program } from '../../src/models/graph/layer';
import { useTestBackend } from '../support/backend';
import { bothPasses } from '../support/both-passes';
import { maxError, relativeError } from '../support/close';
import { naming } from '../support/error-naming';
import { filledModel, tinySettings } from './graph/filled-model';

useTestBackend('wasm');

type Artifacts = tf.io.ModelArtifacts;

const load = (artifacts: Artifacts, options?: LoadDenoiserOptions) =>
  loadDenoiser(tf.io.fromMemory(artifacts), options);

let model: Artifacts;
let classes: Artifacts;
beforeAll(async () => {
  model = await filledModel();
  classes = await filledModel({ ...tinySettings, class_cond: true, num_classes: 5 });
});

/** The model as any other converter would have written it. */
const foreign = (artifacts: Artifacts): Artifacts => {
  const { userDefinedMetadata: _, ...rest } = artifacts;
  return rest;
};

/** The model with something else in its metadata. */
const saying = (change: Record<string, unknown>, artifacts = model): Artifacts => ({
  ...artifacts,
  userDefinedMetadata: {
    spgd: { ...(artifacts.userDefinedMetadata as { spgd: object }).spgd, ...change },
  },
});

/** What a failed load says; it must leave nothing. */
async function refusal(artifacts: Artifacts, options?: LoadDenoiserOptions): Promise<string> {
  const start = tf.memory().numTensors;
  const error = await load(artifacts, options).catch((reason: unknown) => reason);
  expect(tf.memory().numTensors).toBe(start);
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  throw new Error('it loaded');
}

describe('an older model, without its prediction', () => {
  it('loads as one that predicts noise', async () => {
    const noise = await load(model);
    const old = await load(saying({ preconditioning: { name: 'vp', betaD: 19.9, betaMin: 0.1 } }));
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([1, 8, 8, 3], 0, 1, 'float32', 5);
      expect(noise.metadata?.preconditioning).toMatchObject({ prediction: 'noise' });
      expect(maxError(old.denoise(x, 0.8), noise.denoise(x, 0.8))).toBe(0);
    });
    for (const denoiser of [noise, old]) denoiser.dispose();
  });
});

describe('a model that stores its program', () => {
  it('runs whatever its architecture is called', async () => {
    const denoisers = [await load(model), await load(saying({ architecture: 'of another room' }))];
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([1, 8, 12, 3], 0, 1, 'float32', 5);
      const [one, other] = denoisers.map((denoiser) => bothPasses(denoiser, x, 0.8, x));
      expect(maxError(one!.denoised, other!.denoised)).toBe(0);
      expect(maxError(one!.gradient, other!.gradient)).toBe(0);
    });
    for (const denoiser of denoisers) denoiser.dispose();
  });

  it('runs layers that are no U-Net and take no time, with the gradient of the tape', async () => {
    const start = tf.memory().numTensors;
    const conv = (name: string, input: string, weight: string, channels: number) => ({
      name,
      op: 'conv2d',
      inputs: [input],
      weights: { filter: `${weight}.weight` },
      attributes: { channels, size: 3 },
    });
    const layers = [conv('a', 'x', 'input_blocks.0.0', 32), conv('h', 'a', 'out.2', 6)];
    const program = { blocks: [layers], output: 'h' };
    const denoiser = await load(saying({ architecture: 'two layers', program }));
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([1, 8, 12, 3], 0, 1, 'float32', 5);
      const { gradient } = bothPasses(denoiser, x, 0.8, x);
      const taped = tf.grad((at) => denoiser.denoise(at as Tensor4D, 0.8))(x, x);
      expect(relativeError(gradient, taped)).toBeLessThan(1e-5);
      expect(maxError(gradient, x)).toBeGreaterThan(0);
    });
    denoiser.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  it('is rejected where it does not denoise', async () => {
    const lpips = saying({ preconditioning: undefined, inChannels: undefined });
    expect(await refusal(lpips)).toMatchInlineSnapshot(
      `"TypeError: loadDenoiser: precondition must be given: the model does not say how it was trained to denoise"`,
    );
    expect(await refusal(lpips, { precondition: vpDenoiser })).toMatch(
      naming('TypeError: loadDenoiser: metadata inChannels', 'a number', 'got nothing'),
    );
    const features = {
      name: 'h',
      op: 'unitFeatures',
      inputs: ['x'],
      weights: { head: 'out.2.bias' },
    };
    const program = { blocks: [[features]], output: 'h' };
    expect(await refusal(saying({ program }))).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json makes no image named h"`,
    );
  });
});

describe('a graph model of another converter', () => {
  it('needs a precondition', async () => {
    expect(await refusal(foreign(model))).toMatchInlineSnapshot(
      `"TypeError: loadDenoiser: precondition must be given: the model does not say how it was trained to denoise"`,
    );
  });

  it('runs, differentiates and disposes like the same model as our own', async () => {
    const start = tf.memory().numTensors;
    const own = await load(model);
    const other = await load(foreign(model), { precondition: (network) => vpDenoiser(network) });
    expect(other.metadata).toBeNull();
    expect(other.imageShape).toEqual([8, 8, 3]);
    expect(other.linearize).toBeUndefined();
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 3);
      const cotangent = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 4);
      expect(maxError(other.denoise(x, 0.7), own.denoise(x, 0.7))).toBeLessThan(1e-5);
      const taped = tf.grad((at) => other.denoise(at as Tensor4D, 0.7))(x, cotangent);
      const { gradient } = bothPasses(own, x, 0.7, cotangent);
      expect(relativeError(taped, gradient)).toBeLessThan(1e-4);
    });
    own.dispose();
    other.dispose();
    other.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  it('needs one image and one time', async () => {
    const precondition = vpDenoiser;
    expect(await refusal(foreign(classes), { precondition })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: needs one input of rank 1, has x [-1,8,8,3], t [-1], label [-1]"`,
    );
    expect(await refusal(foreign(model), { precondition, classLabel: 1 })).toMatch(
      naming(
        'RangeError: loadDenoiser: classLabel',
        'left out for a model that is not conditioned on classes',
        'got 1',
      ),
    );
  });
});

describe('a model of convertCheckpoint', () => {
  it('may be given another preconditioning, whose disposal counts too', async () => {
    const start = tf.memory().numTensors;
    const held = tf.scalar(1);
    const denoiser = await load(model, {
      precondition: (network) => ({ ...ddpmDenoiser(network), dispose: () => held.dispose() }),
    });
    expect(denoiser.multipleOf).toBe(2);
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 3);
      const cotangent = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 4);
      const { denoised, backward } = denoiser.linearize!(x, 0.7);
      const gradient = backward(cotangent);
      expect(maxError(denoised, denoiser.denoise(x, 0.7))).toBeLessThan(1e-5);
      const taped = tf.grad((at) => denoiser.denoise(at as Tensor4D, 0.7))(x, cotangent);
      expect(relativeError(gradient, taped)).toBeLessThan(1e-4);
    });
    denoiser.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  it('leaves nothing when the preconditioning throws', async () => {
    const precondition = () => {
      throw new Error('no such thing');
    };
    expect(await refusal(model, { precondition })).toBe('Error: no such thing');
    expect(await refusal(foreign(model), { precondition })).toBe('Error: no such thing');
  });

  it('draws from the class that it is told, and must be told one that exists', async () => {
    const x = tf.randomNormal<tf.Rank.R4>([1, 8, 8, 3], 0, 1, 'float32', 3);
    const images = [];
    for (const classLabel of [0, 4]) {
      const denoiser = await load(classes, { classLabel });
      images.push(denoiser.denoise(x, 0.7));
      denoiser.dispose();
    }
    expect(maxError(images[0]!, images[1]!)).toBeGreaterThan(1e-3);
    tf.dispose([x, ...images]);
    expect(await refusal(classes)).toMatch(
      naming('RangeError: loadDenoiser: classLabel', 'integer', 'got undefined'),
    );
    expect(await refusal(classes, { classLabel: 5 })).toMatch(
      naming('RangeError: loadDenoiser: classLabel', 'integer', 'got 5'),
    );
    expect(await refusal(classes, { classLabel: 0.5 })).toMatch(
      naming('RangeError: loadDenoiser: classLabel', 'integer', 'got 0.5'),
    );
    expect(await refusal(model, { classLabel: 0 })).toMatch(
      naming(
        'RangeError: loadDenoiser: classLabel',
        'left out for a model that is not conditioned on classes',
        'got 0',
      ),
    );
  });

  it('draws each item of a batch from its own class', async () => {
    const x = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 3);
    const cotangent = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 4);
    const both = await load(classes, { classLabel: [4, 0] });
    const together = bothPasses(both, x, 0.7, cotangent);
    for (const [k, classLabel] of [4, 0].entries()) {
      const item = (of: Tensor4D) => tf.slice(of, [k, 0, 0, 0], [1, -1, -1, -1]);
      const one = await load(classes, { classLabel });
      const alone = bothPasses(one, item(x), 0.7, item(cotangent));
      expect(maxError(item(together.denoised), alone.denoised)).toBeLessThan(1e-5);
      expect(relativeError(item(together.gradient), alone.gradient)).toBeLessThan(1e-5);
      one.dispose();
    }
    expect(() => both.denoise(tf.zeros([3, 8, 8, 3]), 0.7)).toThrow(
      'loadDenoiser: classLabel must be one label, or one for each of the 3 items, got [4, 0]',
    );
    both.dispose();
    expect(await refusal(classes, { classLabel: [1, 5] })).toMatchInlineSnapshot(
      `"RangeError: loadDenoiser: classLabel must be an integer from 0 to 4, got [1, 5]"`,
    );
    expect(await refusal(classes, { classLabel: [] })).toMatchInlineSnapshot(
      `"RangeError: loadDenoiser: classLabel must be an integer from 0 to 4, got []"`,
    );
  });

  it('needs a memory budget that is a number of bytes', async () => {
    expect(await refusal(model, { memoryBudget: -1 })).toMatch(
      naming('RangeError: loadDenoiser: memoryBudget', '>= 0', 'got -1'),
    );
    expect(await refusal(model, { memoryBudget: NaN })).toMatch(
      naming('RangeError: loadDenoiser: memoryBudget', '>= 0', 'got NaN'),
    );
  });

  it('must say what this version can read', async () => {
    expect(await refusal(saying({ version: 2 }))).toMatch(
      naming('RangeError: loadDenoiser: metadata version', '1', 'got 2'),
    );
    expect(await refusal(saying({ inChannels: 'three' }))).toMatch(
      naming('TypeError: loadDenoiser: metadata inChannels', 'a number', 'got "three"'),
    );
    expect(await refusal(saying({ multipleOf: 0 }))).toMatch(
      naming('RangeError: loadDenoiser: metadata multipleOf', 'integer', '>= 1', 'got 0'),
    );
    expect(await refusal(saying({ classes: -1 }))).toMatch(
      naming('RangeError: loadDenoiser: metadata classes', 'integer', '>= 0', 'got -1'),
    );
    expect(await refusal(saying({ preconditioning: undefined }))).toMatchInlineSnapshot(
      `"TypeError: loadDenoiser: precondition must be given: the model does not say how it was trained to denoise"`,
    );
    expect(
      await refusal(saying({ preconditioning: { name: 'constructor' } })),
    ).toMatchInlineSnapshot(`"RangeError: loadDenoiser: unknown preconditioning "constructor""`);
    expect(
      await refusal(saying({ preconditioning: { name: 'vp', betaD: 'x', betaMin: 1 } })),
    ).toMatch(naming('RangeError: vpDenoiser: betaD', '> 0', 'got x'));
    const endless = { name: 'vp', betaD: 19.9, betaMin: 0.1, steps: 1e15 };
    expect(await refusal(saying({ preconditioning: endless }))).toMatch(
      naming(
        'RangeError: loadDenoiser: metadata steps',
        'from 0 to 1000000',
        'got 1000000000000000',
      ),
    );
    const preconditioning = { name: 'vp', betaD: 1, betaMin: 1, prediction: 'valueOf' };
    expect(await refusal(saying({ preconditioning }))).toMatch(
      naming('RangeError: vpDenoiser: prediction', 'noise, velocity, image', 'got valueOf'),
    );
  });
});

describe('a source', () => {
  it('must be one that something loads', async () => {
    await expect(loadDenoiser('ftp://host/model.json')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: loadDenoiser: nothing loads ftp://host/model.json: use https:// or file://, or pass a tf.io handler]`,
    );
    await expect(loadDenoiser({})).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: loadDenoiser: source cannot load]`,
    );
    // tfjs-node brings a handler of its own.
    if (tf.getBackend() === 'tensorflow') return;
    await expect(loadDenoiser('file://model.json')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: loadDenoiser: nothing loads file://model.json: await useBackend() of 'spgd/node' first]`,
    );
  });
});

describe('a hostile program', () => {
  const first = { name: 'h', op: 'conv2d', inputs: ['x'] };
  const weights = { filter: 'out.2.weight', bias: 'out.2.bias' };
  const conv = { ...first, weights, attributes: { channels: 6, size: 3 } };

  const running = (...layers: unknown[]) =>
    refusal(saying({ program: { blocks: [layers], output: 'h' } }));

  it('is refused for what it is', async () => {
    expect(await refusal(saying({ program: undefined }))).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json is not a list of blocks"`,
    );
    expect(await refusal(saying({ program: { blocks: [{}] } }))).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json is not a list of blocks"`,
    );
    expect(await running(null)).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer undefined is not a layer"`,
    );
    expect(await running({ op: 'add' })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer undefined is not a layer"`,
    );
  });

  it('cannot name what is no operation', async () => {
    expect(await running({ ...conv, op: 'eval' })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has the unknown operation eval"`,
    );
    expect(await running({ ...conv, op: '__proto__' })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has the unknown operation __proto__"`,
    );
    expect(await running({ ...conv, op: 'toString' })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has the unknown operation toString"`,
    );
    expect(await running({ ...conv, name: { toString: 0 } })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer object is not a layer"`,
    );
    expect(await running({ ...conv, op: { toString: 0 } })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has the unknown operation object"`,
    );
  });

  it('cannot take what is not made yet, nor go in a circle', async () => {
    const later = { ...conv, name: 'later', inputs: ['h'] };
    expect(await running({ ...conv, inputs: ['later'] }, later)).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h takes later, which no earlier layer makes"`,
    );
    expect(await running({ ...conv, inputs: ['h'] })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h takes h, which no earlier layer makes"`,
    );
    expect(await running({ ...conv, inputs: ['label'] })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h takes label, which no earlier layer makes"`,
    );
    expect(await running({ ...conv, inputs: 'x' })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has no list of inputs"`,
    );
    expect(await running(conv, conv)).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h appears twice"`,
    );
    expect(await running({ ...conv, name: 'x' })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer x appears twice"`,
    );
    expect(await running({ ...conv, name: 'other' })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json makes no image named h"`,
    );
    expect(await refusal(saying({ program: { blocks: [], output: 'x' } }))).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json makes no image named x"`,
    );
  });

  it('cannot take values of the wrong kind', async () => {
    expect(await running({ ...conv, inputs: ['t'] })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h takes time where it needs image"`,
    );
    expect(await running({ ...conv, inputs: [] })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h takes nothing where it needs image"`,
    );
    expect(await running({ ...conv, op: 'add', inputs: ['x'] })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h takes image where it needs image, image or vector, vector"`,
    );
    expect(await running({ ...conv, op: 'silu', inputs: ['t'] })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h takes time where it needs vector or image"`,
    );
    const time = { name: 'h', op: 'timeEmbedding', inputs: ['t'], attributes: { channels: 4 } };
    expect(await running(time)).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json makes no image named h"`,
    );
  });

  it('cannot lack weights or numbers', async () => {
    const lost = { ...weights, bias: 'constructor' };
    expect(await running({ ...conv, weights: lost })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h needs the weight constructor, which the model lacks"`,
    );
    expect(await running({ ...conv, weights: { bias: 'out.2.bias' } })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has no weight for its filter"`,
    );
    expect(await running({ ...conv, weights: undefined })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has no weight for its filter"`,
    );
    expect(await running({ ...conv, attributes: { channels: 6 } })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has no attribute size"`,
    );
    expect(await running({ ...conv, attributes: { stride: '2' } })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has an attribute that is not a number of at most 1000000"`,
    );
    expect(await running({ ...conv, attributes: { stride: null } })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has an attribute that is not a number of at most 1000000"`,
    );
    expect(await running({ name: 'h', op: 'attention', inputs: ['x'] })).toMatchInlineSnapshot(
      `"Error: loadDenoiser: the program in model.json cannot run: layer h has no attribute heads"`,
    );
  });

  it('may hold layers that the output does not need', async () => {
    const program = structuredClone(
      (model.userDefinedMetadata as { spgd: { program: Program } }).spgd.program,
    );
    const idle: Layer = { name: 'idle', op: 'upsample', inputs: ['x'] };
    const denoiser = await load(
      saying({ program: { ...program, blocks: [[idle], ...program.blocks] } }),
    );
    const plain = await load(model);
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([1, 8, 8, 3], 0, 1, 'float32', 3);
      const ours = bothPasses(denoiser, x, 0.7, x);
      expect(maxError(ours.gradient, bothPasses(plain, x, 0.7, x).gradient)).toBe(0);
    });
    denoiser.dispose();
    plain.dispose();
  });
});
