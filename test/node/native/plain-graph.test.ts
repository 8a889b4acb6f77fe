import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { nativeEntry } from '../../../src/node/native/native-folder';
import { nativeBackend } from '../../../src/node/native/session/binding';
import { loadSession, savedModelBytes } from '../../../src/node/native/session/saved-model';
import type { TracedNode } from '../../../src/node/native/session/traced-node';
import { filledModel } from '../../models/graph/filled-model';
import { runPlainGraph } from '../../models/graph/load-network';
import { testBackends, useTestBackend } from '../../support/backend';
import { relativeError } from '../../support/close';

/** An attribute in the JSON form of a graph. */
interface JsonAttribute {
  readonly type?: string;
  readonly b?: boolean;
  readonly i?: string;
  readonly s?: string;
  readonly list?: { readonly i: readonly string[] };
  readonly shape?: { readonly dim: readonly { readonly size: string }[] };
}
interface JsonNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, JsonAttribute>>;
}

const attributeOf = (name: string, json: JsonAttribute) => {
  const { binding } = nativeBackend();
  const types: Readonly<Record<string, number>> = { DT_FLOAT: 1, DT_INT32: 3 };
  if (json.type) return { name, type: binding.TF_ATTR_TYPE!, value: types[json.type]! };
  if (json.b !== undefined) return { name, type: binding.TF_ATTR_BOOL!, value: json.b };
  if (json.i) return { name, type: binding.TF_ATTR_INT!, value: Number(json.i) };
  if (json.s) return { name, type: binding.TF_ATTR_STRING!, value: atob(json.s) };
  if (json.list) return { name, type: binding.TF_ATTR_INT!, value: json.list.i.map(Number) };
  const sizes = json.shape!.dim.map(({ size }) => Number(size));
  return { name, type: binding.TF_ATTR_SHAPE!, value: sizes };
};

// Only native TensorFlow checks each operation of a graph when it is loaded.
describe.runIf(testBackends.includes('tfjs-node'))('the plain graph of a model', () => {
  useTestBackend('tfjs-node');

  it('is one that TensorFlow itself loads and runs', async () => {
    const artifacts = await filledModel();
    const { weightData, weightSpecs } = artifacts;
    const buffers = await new Blob(weightData as ArrayBuffer[]).arrayBuffer();
    const weights = tf.io.decodeWeights(buffers, weightSpecs!);
    const nodes = (artifacts.modelTopology as { node: JsonNode[] }).node.map(
      ({ name, op, input, attr }): TracedNode => {
        const weight = weights[name];
        const dtype = weight?.dtype === 'int32' ? 3 : 1;
        return weight
          ? {
              ...{ name, op, inputs: [], attributes: [] },
              value: { shape: weight.shape, dtype, values: weight.dataSync() },
            }
          : {
              ...{ name, op, inputs: input },
              attributes: Object.entries(attr).map(([key, json]) => attributeOf(key, json)),
            };
      },
    );
    const bytes = savedModelBytes({ nodes, functions: [] }, nativeEntry('tfjs-node'));
    if (process.env.SPGD_SAVED_MODEL)
      (await import('node:fs')).writeFileSync(process.env.SPGD_SAVED_MODEL, bytes);
    const session = loadSession(bytes);
    const x = tf.randomUniform([2, 8, 8, 3], -1, 1, 'float32', 1);
    const t = tf.tensor1d([3.25, 731.5]);
    const plain = await runPlainGraph(artifacts, { x, t });
    const { outputs } = artifacts.signature as { outputs: Record<string, { name: string }> };
    const { output } = outputs;
    const ids = nativeBackend().getInputTensorIds([x, t]);
    const { binding } = nativeBackend();
    const [result] = binding.runSavedModel(session, ids, 'x:0,t:0', output!.name);
    const found = nativeBackend().createOutputTensor(result!);
    expect(relativeError(found, plain)).toBeLessThan(1e-5);
    binding.deleteSavedModel(session);
    tf.dispose([x, t, found, weights]);
  });
});
