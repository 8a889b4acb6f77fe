import { readFileSync } from 'node:fs';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { sourceShape } from '../../../src/models/checkpoint/weights';
import { parseAdmConfig, presets } from '../../../src/models/networks/adm-config';
import { admUnet } from '../../../src/models/networks/adm-unet';
import { testBackends, useTestBackend } from '../../support/backend';
import { networkPasses } from '../../support/both-passes';
import { maxError, relativeError } from '../../support/close';
import { readSafetensors } from '../../support/fixtures';
import { filledModel } from '../graph/filled-model';
import { fnv1a } from '../graph/filled-weights';
import { loadNetwork, runPlainGraph } from '../graph/load-network';

const folder = new URL('../../fixtures/models/', import.meta.url);
const reference = readSafetensors(
  new Uint8Array(readFileSync(new URL('unets.safetensors', folder))),
);
const recorded = JSON.parse(readFileSync(new URL('values.json', folder), 'utf8'));

/** Item k of a stored batch. */
const item = (name: string, k: number): Tensor4D =>
  tf.tidy(() => tf.split<Tensor4D>(reference.tensor<tf.Rank.R4>(name) as Tensor4D, 2)[k]!);

/** Output and gradient of both items; with labels one by one, for a loader has one label. */
async function evaluate(artifacts: tf.io.ModelArtifacts, name: string, labels?: Float32Array) {
  const outputs: Tensor4D[] = [];
  const gradients: Tensor4D[] = [];
  for (const k of [0, 1]) {
    const network = await loadNetwork(artifacts, labels ? { classLabel: labels[k]! } : {});
    const time = tf.tensor1d([reference.values(`${name}/t`)[k]!]);
    const cotangent = item(`${name}/cotangent`, k);
    const x = item(`${name}/x`, k);
    const { output, gradient } = networkPasses(network, x, time, cotangent);
    outputs.push(output);
    gradients.push(gradient);
    network.dispose();
  }
  return { output: tf.concat(outputs), gradient: tf.concat(gradients) };
}

describe.each(testBackends)('the U-Net against guided-diffusion on %s', (backend) => {
  useTestBackend(backend);

  it.each(Object.entries(reference.metadata))('agrees with PyTorch: %s', async (name, settings) => {
    const config = JSON.parse(settings);
    const artifacts = await filledModel(config, { size: [8, 12] });
    const labels = config.class_cond ? reference.values(`${name}/labels`) : undefined;
    const expected = reference.values(`${name}/y`);
    const { output, gradient } = await evaluate(artifacts, name, labels);
    const plain = await runPlainGraph(artifacts, {
      x: reference.tensor<tf.Rank.R4>(`${name}/x`),
      t: reference.tensor<tf.Rank.R1>(`${name}/t`) as Tensor1D,
      ...(labels ? { label: tf.tensor1d(labels, 'int32') } : {}),
    });
    const errors = {
      output: maxError(output, expected),
      plain: maxError(plain, expected),
      gradient: relativeError(gradient, reference.values(`${name}/vjp_x`)),
    };
    if (process.env.SPGD_REPORT) console.log(`${name} ${backend} ${JSON.stringify(errors)}`);
    expect(errors.output).toBeLessThan(1e-4);
    expect(errors.plain).toBeLessThan(1e-4);
    expect(errors.gradient).toBeLessThan(1e-3);
  });
});

describe('the networks that the field shares', () => {
  it.each(['ffhq256', 'imagenet256'] as const)('%s has the state dict of PyTorch', (preset) => {
    const { weights } = admUnet(parseAdmConfig(presets[preset]));
    const lines = weights.map((spec) => `${spec.name} [${sourceShape(spec).join(', ')}]`);
    const parameters = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
    expect({ tensors: lines.length, parameters, hash: fnv1a(lines.sort().join('\n')) }).toEqual(
      recorded.presets[preset],
    );
  });

  it('takes what a setting leaves out from the defaults of guided-diffusion', () => {
    expect(parseAdmConfig({})).toEqual(parseAdmConfig(recorded.defaults));
  });
});
