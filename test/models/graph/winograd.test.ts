import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LayerWeights } from '../../../src/models/graph/op';
import { conv2d } from '../../../src/models/graph/ops/conv2d';
import { conv2dByRows, paysByRows } from '../../../src/models/graph/winograd';
import { startTestBackend, testBackends } from '../../support/backend';
import { relativeError } from '../../support/close';

const normal = (shape: number[], seed: number): Tensor =>
  tf.randomNormal(shape, 0, 1, 'float32', seed);

/** Weights of a layer of a model of so many bytes, and how many tensors were derived from them. */
function weightsOf(roles: Record<string, Tensor>, modelBytes = 1e6) {
  const derived = new Map<string, Tensor>();
  const weights: LayerWeights = {
    precision: 'float32',
    modelBytes,
    get: (role) => roles[role]!,
    derived(key, make) {
      const tensor = derived.get(key) ?? tf.keep(make());
      derived.set(key, tensor);
      return tensor;
    },
  };
  const dispose = () => tf.dispose([...derived.values(), ...Object.values(roles)]);
  return { weights, derived, dispose };
}

const layer = {
  op: 'conv2d',
  name: 'c',
  inputs: ['x'],
  weights: { filter: 'f', bias: 'b' },
  attributes: { channels: 64, stride: 1, size: 3, padding: 1 },
} as const;

describe.skipIf(!testBackends.includes('wasm'))('a convolution by rows', () => {
  beforeAll(() => startTestBackend('wasm'));

  it.each([1, 2, 3, 4, 5, 8, 14])('equals the plain one at a height of %i', (height) => {
    const x = normal([2, height, 7, 5], 1) as Tensor4D;
    const filter = normal([3, 3, 5, 6], 2) as Tensor4D;
    const bias = normal([6], 3);
    const { weights, dispose } = weightsOf({});
    const start = tf.memory().numTensors;
    const found = tf.tidy(() =>
      conv2dByRows(x, weights, { name: 'a', filter: () => filter, bias }),
    );
    const again = tf.tidy(() => conv2dByRows(x, weights, { name: 'a', filter: () => filter }));
    const plain = tf.conv2d(x, filter, 1, 'same');
    expect(relativeError(again, plain)).toBeLessThan(3e-6);
    expect(relativeError(found, tf.add(plain, bias))).toBeLessThan(3e-6);
    dispose();
    // The two results, `plain` and its sum with the bias.
    expect(tf.memory().numTensors).toBe(start + 4);
  });

  it('is what a wide layer does, with its gradient', () => {
    const shape: [number, number, number, number] = [1, 24, 24, 64];
    const filter = normal([3, 3, 64, 64], 4) as Tensor4D;
    const { weights, derived, dispose } = weightsOf({ filter, bias: normal([64], 5) });
    const x = normal(shape, 6) as Tensor4D;
    const y = normal(shape, 7) as Tensor4D;
    const { output } = conv2d.forward(layer, [x], weights);
    expect(derived.size).toBe(6);
    const [gradient] = conv2d.backward!(layer, y, [], weights, [shape]);
    expect(derived.size).toBe(12);
    const plain = tf.conv2d(x, filter, 1, 'same');
    expect(relativeError(tf.sub(output, weights.get('bias')), plain)).toBeLessThan(3e-6);
    const inner = (a: Tensor, b: Tensor) => tf.sum(tf.mul(a, b)).dataSync()[0]!;
    const ratio = inner(x, gradient!) / inner(plain, y);
    expect(Math.abs(ratio - 1)).toBeLessThan(1e-4);
    dispose();
  });

  it('is left to maps and models where it pays', () => {
    const pays = (shape: Tensor4D['shape'], to: number, modelBytes = 1e6) =>
      paysByRows(weightsOf({}, modelBytes).weights, tf.zeros(shape), to);
    expect(pays([1, 64, 64, 64], 64)).toBe(true);
    expect(pays([1, 64, 64, 64], 3)).toBe(false);
    expect(pays([1, 8, 8, 64], 64)).toBe(false);
    expect(pays([64, 8, 8, 64], 64)).toBe(false);
    expect(pays([1, 64, 64, 64], 64, 1e9)).toBe(false);
  });
});
