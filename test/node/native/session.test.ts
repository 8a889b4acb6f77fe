import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { offerRecorder, passRecorder } from '../../../src/models/graph/pass-recorder';
import { nativeEntry } from '../../../src/node/native/native-folder';
import { nativeBackend } from '../../../src/node/native/session/binding';
import { sessionRecorder } from '../../../src/node/native/session/session-recorder';
import { filledModel, tinySettings } from '../../models/graph/filled-model';
import { loadNetwork, type OwnNetwork } from '../../models/graph/load-network';
import { testBackends, useTestBackend } from '../../support/backend';
import { networkPasses } from '../../support/both-passes';
import { relativeError } from '../../support/close';

const shape: [number, number, number, number] = [2, 12, 20, 3];
const image = (seed: number, at = shape): Tensor4D => tf.randomNormal(at, 0, 1, 'float32', seed);
const times = () => tf.tensor1d([3.25, 731.5]) as Tensor1D;

/** Runs without the recorder of the backend: layer by layer. */
function byLayer<T>(run: () => T): T {
  const recorder = passRecorder();
  offerRecorder(undefined);
  try {
    return run();
  } finally {
    offerRecorder(recorder);
  }
}

/** The largest relative error of output and gradient against layer by layer. */
const errors = (network: OwnNetwork, reference: OwnNetwork) =>
  tf.tidy(() => {
    const [x, t, cotangent] = [image(1), times(), image(2)];
    const expected = byLayer(() => networkPasses(reference, x, t, cotangent));
    const { output, gradient } = networkPasses(network, x, t, cotangent);
    return {
      output: relativeError(output, expected.output),
      forward: relativeError(network(x, t), expected.output),
      gradient: relativeError(gradient, expected.gradient),
    };
  });

// Only native TensorFlow has sessions.
describe.runIf(testBackends.includes('tfjs-node'))('a network recorded as one graph', () => {
  useTestBackend('tfjs-node');
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['of the usual kind', {}],
    ['with strided convolutions', { resblock_updown: false }],
    ['without scale and shift', { use_scale_shift_norm: false }],
  ])('gives what its layers give, %s', async (_, settings) => {
    const start = tf.memory().numTensors;
    const artifacts = await filledModel({ ...tinySettings, ...settings });
    const [network, reference] = [await loadNetwork(artifacts), await loadNetwork(artifacts)];
    const record = vi.spyOn(passRecorder()!, 'record');
    for (const error of Object.values(errors(network, reference))) expect(error).toBeLessThan(1e-5);
    expect(record.mock.results[0]!.value).toBeDefined();
    for (const one of [network, reference]) one.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  // Another order of the same operations rounds bfloat16 otherwise, and errors of rounding grow.
  it('gives the same within the rounding of bfloat16, with convolutions in bfloat16', async () => {
    const artifacts = await filledModel();
    const load = () => loadNetwork(artifacts, { precision: 'bfloat16' });
    const [network, reference] = [await load(), await load()];
    const record = vi.spyOn(passRecorder()!, 'record');
    for (const error of Object.values(errors(network, reference))) expect(error).toBeLessThan(3e-2);
    expect(record.mock.results[0]!.value).toBeDefined();
    for (const one of [network, reference]) one.dispose();
  });

  it('gives the same as for a card: weights as constants, the forward pass recomputed', async () => {
    const usual = passRecorder();
    const artifacts = await filledModel();
    const [network, reference] = [await loadNetwork(artifacts), await loadNetwork(artifacts)];
    offerRecorder(sessionRecorder({ tfjsNode: nativeEntry('tfjs-node'), onCard: true }));
    const record = vi.spyOn(passRecorder()!, 'record');
    for (const error of Object.values(errors(network, reference))) expect(error).toBeLessThan(1e-5);
    expect(record.mock.results[0]!.value).toBeDefined();
    for (const one of [network, reference]) one.dispose();
    offerRecorder(usual);
  });

  it('gives the same with element-wise operations compiled by XLA', async () => {
    const usual = passRecorder();
    const artifacts = await filledModel();
    const [network, reference] = [await loadNetwork(artifacts), await loadNetwork(artifacts)];
    const tfjsNode = nativeEntry('tfjs-node');
    offerRecorder(sessionRecorder({ tfjsNode, onCard: false, fuseFrom: 1 }));
    const record = vi.spyOn(passRecorder()!, 'record');
    for (const error of Object.values(errors(network, reference))) expect(error).toBeLessThan(1e-5);
    expect(record.mock.results[0]!.value).toBeDefined();
    for (const one of [network, reference]) one.dispose();
    offerRecorder(usual);
  });

  it('records without a computation', async () => {
    const network = await loadNetwork(await filledModel());
    const [x, t] = [image(1), times()];
    const operations = new Set<string>();
    const recorder = passRecorder()!;
    offerRecorder({
      record(inputs, linearize) {
        const backend = nativeBackend();
        const { binding } = backend;
        backend.binding = new Proxy({} as typeof binding, {
          get: (_, key) =>
            key === 'executeOp'
              ? (...call: Parameters<typeof binding.executeOp>) => {
                  operations.add(call[0]);
                  return binding.executeOp(...call);
                }
              : Reflect.get(binding, key),
        });
        const passes = recorder.record(inputs, linearize);
        backend.binding = binding;
        return passes;
      },
    });
    network.linearize(x, t).dispose();
    offerRecorder(recorder);
    expect([...operations]).toEqual(['Identity']);
    tf.dispose([x, t]);
    network.dispose();
  });

  it('keeps two linearizations apart that live at once, and follows x and t', async () => {
    const artifacts = await filledModel();
    const [network, reference] = [await loadNetwork(artifacts), await loadNetwork(artifacts)];
    tf.tidy(() => {
      const cotangent = image(9);
      const points = [1, 2].map((seed) => ({ x: image(seed), t: tf.fill([2], 90 * seed) }));
      const passes = points.map(({ x, t }) => network.linearize(x, t as Tensor1D));
      for (const [i, { x, t }] of points.entries()) {
        const expected = byLayer(() => networkPasses(reference, x, t as Tensor1D, cotangent));
        expect(relativeError(passes[i]!.output, expected.output)).toBeLessThan(1e-5);
        const gradient = passes[i]!.backward(cotangent);
        expect(relativeError(gradient, expected.gradient)).toBeLessThan(1e-5);
      }
    });
    for (const one of [network, reference]) one.dispose();
  });

  it('is recorded once for each shape', async () => {
    const network = await loadNetwork(await filledModel());
    const record = vi.spyOn(passRecorder()!, 'record');
    const pass = (at = shape) =>
      tf.tidy(() => void network.linearize(image(1, at), tf.fill([at[0]], 5)).dispose());
    pass();
    pass();
    expect(record).toHaveBeenCalledTimes(1);
    pass([1, 12, 20, 3]);
    expect(record).toHaveBeenCalledTimes(2);
    network.dispose();
  });

  it('gives the same where a memory budget recomputes blocks, and keeps less', async () => {
    const artifacts = await filledModel();
    const load = (memoryBudget: number) => loadNetwork(artifacts, { memoryBudget });
    const [network, reference] = [await load(0), await load(Infinity)];
    const record = vi.spyOn(passRecorder()!, 'record');
    for (const error of Object.values(errors(network, reference))) expect(error).toBeLessThan(1e-5);
    expect(record.mock.results[0]!.value).toBeDefined();
    const keptBy = (one: OwnNetwork): number =>
      tf.tidy(() => {
        const before = tf.memory().numBytes;
        const passes = one.linearize(image(1), times());
        const kept = tf.memory().numBytes - before;
        passes.dispose();
        return kept;
      });
    expect(keptBy(network)).toBeLessThan(0.7 * keptBy(reference));
    for (const one of [network, reference]) one.dispose();
  });

  it('runs layer by layer, and says so once, where the passes cannot be recorded', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const recorder = sessionRecorder({ tfjsNode: nativeEntry('tfjs-node'), onCard: false });
    const x = image(1);
    const linearize = () => {
      x.sum().dataSync();
      const output = x.clone();
      return { output, backward: (dy: tf.Tensor) => dy as Tensor4D, dispose: () => {} };
    };
    for (let i = 0; i < 2; i++) expect(recorder.record([x], linearize)).toBeUndefined();
    expect(warn.mock.calls).toEqual([
      [
        'spgd: runs layer by layer, since TensorFlow takes no graph: a value is read back in the middle',
      ],
    ]);
    x.dispose();
  });
});
