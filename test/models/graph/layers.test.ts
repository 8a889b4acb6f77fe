import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/models/checkpoint/read-checkpoint';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { takeWeights } from '../../../src/models/checkpoint/weights';
import { modelArtifacts } from '../../../src/models/convert/model-artifacts';
import {
  type ProgramBuilder,
  programBuilder,
  type Value,
} from '../../../src/models/graph/program-builder';
import { programFunction } from '../../../src/models/graph/program-function';
import { testBackends, useTestBackend } from '../../support/backend';
import { maxError, relativeError } from '../../support/close';
import { filledStateDict } from './filled-weights';
import { plainLimit } from './load-network';

const shape: [number, number, number, number] = [2, 13, 18, 3];
const times = [-0.98, 0.27];

type Build = (builder: ProgramBuilder, x: Value) => Value;

/** The network of one small program: as a function, as a plain graph, and with its gradient. */
async function compare(build: Build) {
  const builder = programBuilder();
  const network = builder.finish(build(builder, { name: 'x', channels: shape[3] }));
  const tensors = filledStateDict(network.weights);
  for (const { data } of Object.values(tensors).filter(({ shape: [first] }) => first === 1))
    data.set(data.map(Math.abs));
  const checkpoint = Object.keys(tensors).length
    ? await readCheckpoint(writeSafetensors(tensors))
    : { format: 'safetensors' as const, metadata: {}, tensors: new Map() };
  const source = { owner: 'test', checkpoint, file: 'test', otherwise: 'wrong' };
  const artifacts = modelArtifacts({
    owner: 'test',
    network,
    weights: await takeWeights(source, network.weights),
    inputs: { x: shape.slice(1), t: [] },
    dtype: 'float32',
    metadata: { architecture: 'test', config: {}, size: [shape[1], shape[2]] },
  });
  const { weightData, weightSpecs } = artifacts;
  const buffers = await new Blob(weightData as ArrayBuffer[]).arrayBuffer();
  const run = programFunction(network.program, tf.io.decodeWeights(buffers, weightSpecs!), {
    memoryBudget: 1e9,
  });
  const plain = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  const x = tf.randomUniform<tf.Rank.R4>(shape, -1, 1, 'float32', 5);
  const t = tf.tensor1d(times);
  const value = run(x, { t });
  const cotangent = tf.randomNormal(value.shape, 0, 1, 'float32', 6);
  const gradient = run.linearize(x, { t }).backward(cotangent);
  const taped = tf.grad((at) => plain.execute({ x: at as Tensor4D, t }) as Tensor)(x, cotangent);
  const errors = {
    value: maxError(value, plain.execute({ x, t }) as Tensor),
    gradient: relativeError(gradient, taped),
  };
  plain.dispose();
  run.dispose();
  return errors;
}

const cases: Record<string, Build> = {
  'wide convolutions': (b, x) =>
    b.conv2d('d', b.conv2d('c', b.conv2d('w', x, 96), 112), 96, { bias: false }),
  'a convolution of stride 2 without a border': (b, x) =>
    b.conv2d('c', x, 5, { stride: 2, padding: 0 }),
  'a convolution of 11 x 11, stride 4': (b, x) =>
    b.conv2d('c', x, 4, { size: 11, stride: 4, padding: 2 }),
  'a convolution of 4 x 4, stride 2, without bias': (b, x) =>
    b.conv2d('c', x, 4, { size: 4, stride: 2, padding: 1, bias: false }),
  'a convolution of 2 x 2 that adds a row': (b, x) => b.conv2d('c', x, 4, { size: 2, padding: 1 }),
  'a transposed convolution': (b, x) => b.convTranspose2d('c', x, 4, { bias: true }),
  'a convolution and pixel shuffle': (b, x) => b.convShuffle('c', x, 2),
  'a pixel unshuffle and convolution': (b, x) => b.unshuffleConv('c', b.convShuffle('u', x, 3), 5),
  'a convolution of 2 x 2, stride 2': (b, x) => b.conv2x2('c', b.convShuffle('u', x, 3), 5),
  'a transposed convolution of 2 x 2, stride 2': (b, x) => b.convTranspose2x2('c', x, 4),
  'a scale and shift by the time': (b, x) =>
    b.scaleShift('s', x, b.dense('d', b.timeEmbedding('e', 8, { highest: 1000 }), 6)),
  SiLU: (b, x) => b.silu('s', b.conv2d('c', x, 4)),
  'leaky ReLU': (b, x) => b.relu('r', x, 0.2),
  tanh: (b, x) => b.tanh('h', x),
  'pooling of 2': (b, x) => b.maxPool('p', b.relu('r', x), { size: 2 }),
  'overlapping pooling': (b, x) => b.maxPool('p', b.relu('r', x), { size: 3 }),
  'pooling that hangs over': (b, x) => b.maxPool('p', b.relu('r', x), { size: 3, ceil: true }),
  'the mean of squares': (b, x) => b.resize('d', b.conv2d('c', x, 4), 'down'),
  'colours of ImageNet': (b, x) => b.standardize('s', x),
  'unit features of two layers': (b, x) => {
    const h = b.conv2d('c', x, 4);
    return b.concat('both', b.unitFeatures('one', h, 'lin0'), b.unitFeatures('two', x, 'lin1'));
  },
};

/** The value of a few layers on x, with weights by name. */
const evaluate = (
  build: Build,
  x: Tensor4D,
  { t, ...weights }: Record<string, Tensor> = {},
): Tensor => {
  const builder = programBuilder();
  const { program } = builder.finish(build(builder, { name: 'x', channels: x.shape[3] }));
  return programFunction(program, weights)(x, t ? { t } : {});
};

describe.each(testBackends)('layers on %s', (backend) => {
  useTestBackend(backend);

  it.each(Object.entries(cases))(
    'give what their plain nodes give, with the gradient of the tape: %s',
    async (_, build) => {
      const errors = await compare(build);
      if (process.env.SPGD_REPORT) console.log(`${backend} ${JSON.stringify(errors)}`);
      expect(errors.value).toBeLessThan(plainLimit(1e-5));
      expect(errors.gradient).toBeLessThan(plainLimit(1e-5));
    },
  );

  it('take a pixel shuffle back by pixel unshuffle', () => {
    const x = tf.randomUniform<tf.Rank.R4>([2, 5, 7, 12], -1, 1, 'float32', 5);
    // The filters are identities: one passes all channels, one copies each phase.
    const eye = tf.reshape(tf.eye(12), [1, 1, 12, 12]);
    const zeros = tf.zeros([12]);
    const weights = { 'up.weight': eye, 'up.bias': zeros, 'down.weight': eye, 'down.bias': zeros };
    const back = evaluate(
      (b, h) => b.conv2x2('down', b.convTranspose2x2('up', h, 3), 12),
      x,
      weights,
    );
    expect(maxError(back, x)).toBeLessThan(1e-6);
  });

  it('give a pixel unshuffle each pixel of a square of 2 x 2', () => {
    const x = tf.tensor4d(
      Array.from({ length: 4 * 6 * 2 }, (_, i) => i),
      [1, 4, 6, 2],
    );
    const eye = tf.reshape(tf.eye(8), [1, 1, 8, 8]);
    const weights = { 'c.weight': eye, 'c.bias': tf.zeros([8]) };
    const small = evaluate((b, h) => b.conv2x2('c', h, 8), x, weights);
    expect(small.shape).toEqual([1, 2, 3, 8]);
    const [row, column] = [1, 2];
    const pixel = tf.slice(small, [0, row, column, 0], [1, 1, 1, 8]);
    const at = (a: number, b: number, c: number) => 2 * (6 * (2 * row + a) + 2 * column + b) + c;
    const squares = [at(0, 0, 0), at(0, 0, 1), at(0, 1, 0), at(0, 1, 1)];
    const below = [at(1, 0, 0), at(1, 0, 1), at(1, 1, 0), at(1, 1, 1)];
    expect([...pixel.dataSync()]).toEqual([...squares, ...below]);
  });

  it('scale by 1 + s and shift by t, item by item', () => {
    const x = tf.randomUniform<tf.Rank.R4>([2, 3, 5, 2], -1, 1, 'float32', 5);
    // The embedding of time 0 is (1, 0); the kernel turns it to s = (0.5, -2), t = (3, 4).
    const kernel = tf.tensor2d([0.5, -2, 3, 4, 1, 1, 1, 1], [2, 4]);
    const build: Build = (b, h) => b.scaleShift('s', h, b.dense('d', b.timeEmbedding('e', 2), 4));
    const time = (t: number[]) => ({
      t: tf.tensor1d(t),
      'd.weight': kernel.clone(),
      'd.bias': tf.zeros([4]),
    });
    const angle = Math.PI / 2; // the embedding (0, 1)
    const value = evaluate(build, x, time([0, angle]));
    const expected = tf.stack([
      tf.add(tf.mul(tf.gather(x, 0), [1.5, -1]), [3, 4]),
      tf.add(tf.mul(tf.gather(x, 1), [2, 2]), [1, 1]),
    ]);
    expect(maxError(value, expected)).toBeLessThan(1e-6);
  });

  it('keep the gradient finite where all features of a pixel are 0', async () => {
    const builder = programBuilder();
    const row = builder.unitFeatures('one', { name: 'x', channels: 3 }, 'lin0');
    const { program } = builder.finish(row);
    const run = programFunction(program, { lin0: tf.ones([3]) }, { memoryBudget: 0 });
    const x = tf.zeros<tf.Rank.R4>([1, 2, 2, 3]);
    const { output, backward } = run.linearize(x, {});
    const gradient = backward(tf.zerosLike(output));
    expect(maxError(output, new Float32Array(12))).toBe(0);
    expect(maxError(gradient, new Float32Array(12))).toBe(0);
    run.dispose();
  });
});
