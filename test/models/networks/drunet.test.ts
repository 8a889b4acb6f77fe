import { readFileSync } from 'node:fs';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  edmSchedule,
  identity,
  loadDenoiser,
  noiseLevelDenoiser,
  probabilityFlow,
  sample,
} from 'spgd';
import { convertCheckpoint } from 'spgd/convert';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { drunet } from '../../../src/models/networks/drunet';
import { testBackends, useTestBackend } from '../../support/backend';
import { networkPasses } from '../../support/both-passes';
import { maxError, relativeError } from '../../support/close';
import { readSafetensors } from '../../support/fixtures';
import { denoiserLaws, syntheticNetwork } from '../denoiser-laws';
import { filledStateDict } from '../graph/filled-weights';
import { loadNetwork, plainLimit, runPlainGraph } from '../graph/load-network';

// By test/fixtures/models/make-drunet.py.
const reference = readSafetensors(
  new Uint8Array(
    readFileSync(new URL('../../fixtures/models/drunet.safetensors', import.meta.url)),
  ),
);

const report = (what: string, errors: unknown) => {
  if (process.env.SPGD_REPORT) console.log(`${what} ${tf.getBackend()} ${JSON.stringify(errors)}`);
};

const convert = (imageChannels: number, size: readonly [number, number] = [16, 24]) => {
  const config = { imageChannels, widths: [6, 8, 10, 12], blocks: 2, bias: false };
  return convertCheckpoint(writeSafetensors(filledStateDict(drunet(config).weights)), { size });
};

describe.each(testBackends)('DRUNet on %s', (backend) => {
  useTestBackend(backend);

  it.each([
    ['color', 3],
    ['gray', 1],
  ] as const)(
    '%s has the output and the vector-Jacobian product of PyTorch',
    async (name, channels) => {
      const artifacts = await convert(channels);
      const network = await loadNetwork(artifacts);
      const x: Tensor4D = reference.tensor(`${name}/x`);
      const cotangent: Tensor4D = reference.tensor(`${name}/cotangent`);
      const t: Tensor1D = reference.tensor(`${name}/t`);
      const { output, gradient } = networkPasses(network, x, t, cotangent);
      const errors = {
        output: maxError(await output.data(), reference.values(`${name}/output`)),
        plain: maxError(await output.data(), await runPlainGraph(artifacts, { x, t })),
        gradient: relativeError(await gradient.data(), reference.values(`${name}/vjp`)),
      };
      report(`drunet ${name}`, errors);
      expect(errors.output).toBeLessThan(1e-4);
      expect(errors.plain).toBeLessThan(plainLimit(1e-4));
      expect(errors.gradient).toBeLessThan(1e-3);
      network.dispose();
      tf.dispose([x, cotangent, t, output, gradient]);
    },
  );
});

describe('a denoiser of DRUNet', () => {
  useTestBackend('cpu');

  it('says where it denoises, and a schedule that leaves this range is rejected', async () => {
    const denoiser = await loadDenoiser(tf.io.fromMemory(await convert(3)));
    expect(denoiser.metadata).toMatchObject({
      architecture: 'drunet',
      config: { in_nc: 4, out_nc: 3, nc: [6, 8, 10, 12], nb: 2, bias: false },
      multipleOf: 8,
    });
    expect(denoiser.sigmaRange).toEqual([0, 100 / 255]);
    const problem = {
      denoiser,
      operator: identity(),
      measurement: tf.zeros<tf.Rank.R4>([1, 16, 8, 3]),
    };
    const run = (sigmaMax: number) =>
      sample(probabilityFlow(), problem, {
        schedule: edmSchedule({ steps: 2, sigmaMax, sigmaMin: 0.1 }),
      });
    await expect(run(1)).rejects.toThrow('sigmaRange');
    const { sample: restored } = await run(0.39);
    expect(restored.shape).toEqual([1, 16, 8, 3]);
    tf.dispose([restored, problem.measurement]);
    denoiser.dispose();
  });
});

denoiserLaws('noiseLevelDenoiser', {
  make: () => noiseLevelDenoiser(syntheticNetwork()),
  sigmas: [0.02, 0.3],
});

it('a checkpoint of DRUNet is refused by name where something is wrong', async () => {
  const config = { imageChannels: 3, widths: [6, 8], blocks: 1, bias: false };
  const tensors = filledStateDict(drunet(config).weights);
  const convertOf = (change: object, options: object = {}) =>
    convertCheckpoint(writeSafetensors({ ...tensors, ...change }), { name: 'net.pth', ...options });
  const other = { shape: [1], data: new Float32Array(1) };
  const messages = [
    await convertOf({ 'm_body.0.res.2.weight': other }).catch(String),
    await convertOf({ 'm_extra.weight': other }).catch(String),
    await convertOf({}, { preset: 'ffhq256' }).catch(String),
    await convertOf({}, { size: [15, 16] }).catch(String),
  ];
  expect(messages).toMatchInlineSnapshot(`
    [
      "RangeError: convertCheckpoint: net.pth: it is no DRUNet: m_body.0.res.2.weight must have the shape [8, 8, 3, 3], got [1]",
      "RangeError: convertCheckpoint: net.pth: it is no DRUNet: it has unknown m_extra.weight",
      "RangeError: convertCheckpoint: preset must be left out for DRUNet, whose weights say it, got ffhq256",
      "RangeError: convertCheckpoint: size must be height and width that divide by 2, got [15, 16]",
    ]
  `);
});
