import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  edmSchedule,
  gaussianPrior,
  identity,
  loadState,
  probabilityFlow,
  reverseDiffusion,
  type SamplerState,
  type StateOrigin,
  sample,
  saveState,
  spgd,
} from 'spgd';
import { expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { useTestBackend } from '../../support/backend';
import { maxError } from '../../support/close';

useTestBackend('wasm');

const problem = () => ({
  denoiser: gaussianPrior({ mean: 0.2, std: 0.6 }),
  operator: identity(),
  measurement: tf.fill<tf.Rank.R4>([2, 5, 7, 3], 0.3),
});
const schedule = edmSchedule({ steps: 6 });

it.each([probabilityFlow, reverseDiffusion])(
  'a saved state continues to the identical sample: %o',
  async (base) => {
    const sampler = () => spgd(base(), { learningRate: 0.1, warmupSteps: 2 });
    const whole = await sample(sampler(), problem(), { schedule, seed: 3 });
    for (const stopAt of [0, 3, 4]) {
      let bytes: Uint8Array | undefined;
      const stop = new AbortController();
      const run = sample(sampler(), problem(), {
        schedule,
        seed: 3,
        signal: stop.signal,
        onStep: async ({ index, state }) => {
          if (index !== stopAt) return;
          bytes = await saveState({ index: index + 1, state }, { photo: 'a' });
          stop.abort();
        },
      });
      await expect(run).rejects.toMatchObject({ name: 'AbortError' });
      const resume = await loadState(bytes!, { photo: 'a' });
      const rest = await sample(sampler(), problem(), { schedule, seed: 3, resume });
      expect(maxError(rest.sample, whole.sample)).toBe(0);
    }
  },
);

it('any plain tree of tensors and numbers comes back to the bit', async () => {
  const x = tf.tensor4d([0.1, -0, 3e-39, Number.NaN], [1, 2, 2, 1]);
  const more = { before: [tf.scalar(1 / 3), []], k: -0, rate: Number.NaN, far: Infinity, 'a/b': 2 };
  const state = { x, ...more } as unknown as SamplerState;
  const { index, state: back } = await loadState(await saveState({ index: 4, state }));
  expect(index).toBe(4);
  const { x: image, ...rest } = back as unknown as typeof more & { x: Tensor4D };
  expect(new Uint32Array(image.dataSync().buffer)).toEqual(new Uint32Array(x.dataSync().buffer));
  expect((rest.before[0] as tf.Tensor).dataSync()).toEqual(Float32Array.of(1 / 3));
  expect({ ...rest, before: [] }).toEqual({ ...more, before: [] });
});

it('a state of another run is refused by the name of what has changed', async () => {
  const bytes = await saveState({ index: 1, state: { x: tf.zeros([1, 2, 2, 1]) } }, { steps: 20 });
  const before = tf.memory().numTensors;
  const others: StateOrigin[] = [{ steps: 30 }, {}, { steps: 20, seed: 0 }];
  const errors = others.map((origin) => loadState(bytes, origin).catch(String));
  expect((await Promise.all(errors)).join('\n')).toMatchInlineSnapshot(`
    "RangeError: state: steps must be 20, as in the run that was saved, got 30
    RangeError: state: steps must be 20, as in the run that was saved, got undefined
    RangeError: state: seed must be undefined, as in the run that was saved, got 0"
  `);
  expect(tf.memory().numTensors).toBe(before);
});

it('a file that is no saved state, or was tampered with, is refused and leaves nothing', async () => {
  const one = { shape: [1, 1, 1, 1], data: Float32Array.of(1) };
  const metadata = { spgd_state: '1', index: '1', origin: '{}' };
  const file = (tree: string, more: object = {}, tensors: object = { 0: one }) =>
    writeSafetensors(tensors as never, { ...metadata, tree, ...more } as never);
  const good = '{"o":[["x",{"t":0}]]}';
  const bad = [
    Uint8Array.of(1, 2, 3),
    file(good).subarray(0, 60),
    writeSafetensors({ 0: one }),
    file(good, { index: '-1' }),
    file(good, { index: '1e99' }),
    file('{'),
    file('[]'),
    file('{"o":[["y",{"t":0}]]}'),
    file('{"o":[["x",{"t":1}]]}'),
    file('{"o":[["x",{"t":0}],["z",{"t":0}]]}'),
    file('{"o":[["x",{"n":0}]]}'),
    file(`${'['.repeat(5000)}${']'.repeat(5000)}`),
    file(good, {}, { 0: one, 1: one }),
    file(good, {}, { y: one }),
    file(good, {}, { 0: { ...one, shape: [1] } }),
  ];
  const before = tf.memory().numTensors;
  const errors: string[] = [];
  for (const bytes of bad) errors.push(String(await loadState(bytes).catch((error) => error)));
  for (const error of errors) expect(error).toMatch(/^(Input)?Error: state: .{10,100}$/);
  expect(tf.memory().numTensors).toBe(before);
});
