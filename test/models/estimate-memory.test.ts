import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { estimateMemory, type ModelMetadata } from 'spgd';
import { expect, it } from 'vitest';
import { startTestBackend, useTestBackend } from '../support/backend';
import { filledModel } from './graph/filled-model';
import { loadNetwork } from './graph/load-network';

useTestBackend('wasm');

const shape: [number, number, number, number] = [1, 12, 20, 3];

const metadataOf = ({ userDefinedMetadata }: tf.io.ModelArtifacts) =>
  userDefinedMetadata!.spgd as ModelMetadata;

/** Bytes of tensors there are after the forward pass, beyond those before it. */
async function heldBytes(artifacts: tf.io.ModelArtifacts, memoryBudget: number): Promise<number> {
  const network = await loadNetwork(artifacts, { memoryBudget });
  const x = tf.zeros(shape) as Tensor4D;
  const t = tf.tensor1d([1]);
  const before = tf.memory().numBytes;
  const at = network.linearize(x, t);
  const held = tf.memory().numBytes - before;
  at.dispose();
  tf.dispose([at.output, x, t]);
  network.dispose();
  return held;
}

it('knows what is kept for the gradient, and never less', async () => {
  const artifacts = await filledModel();
  const { kept } = await estimateMemory(metadataOf(artifacts), shape);
  const [all, none] = [await heldBytes(artifacts, 1e9), await heldBytes(artifacts, 0)];
  expect(all - none).toBeLessThanOrEqual(kept);
  expect(all - none).toBeGreaterThan(0.5 * kept);
});

it('grows with the batch, and what is kept with the pixels', async () => {
  const metadata = metadataOf(await filledModel());
  const one = await estimateMemory(metadata, shape);
  const two = await estimateMemory(metadata, [2, 12, 20, 3]);
  const large = await estimateMemory(metadata, [1, 24, 40, 3]);
  expect(two.least).toBe(2 * one.least);
  expect(two.kept).toBe(2 * one.kept);
  expect(large.kept).toBeCloseTo(4 * one.kept);
});

it('counts the budget that it is given, up to what there is to keep', async () => {
  const metadata = metadataOf(await filledModel());
  const none = await estimateMemory(metadata, shape, { memoryBudget: 0 });
  const all = await estimateMemory(metadata, shape, { memoryBudget: 2 ** 40 });
  expect(none.total).toBe(none.weights + none.least);
  expect(all.total).toBe(all.weights + all.least + all.kept);
});

it('refuses on wasm what cannot fit, and says why', async () => {
  await startTestBackend('wasm');
  const metadata = { ...metadataOf(await filledModel()), parameterCount: 552_814_086 };
  await expect(estimateMemory(metadata, shape)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[RangeError: memoryBudget: even 0 needs 8.2 GiB (8.2 of them weights), and WebAssembly has 4: use a smaller image or batch, or native TensorFlow]`,
  );
});
