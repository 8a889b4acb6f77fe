import { readFileSync } from 'node:fs';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { loadDenoiser, type ModelMetadata } from 'spgd';
import { type ConvertOptions, convertCheckpoint } from 'spgd/convert';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/models/checkpoint/read-checkpoint';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { type EdmConfig, edmUnet } from '../../../src/models/networks/edm-unet';
import { testBackends, useTestBackend } from '../../support/backend';
import { networkPasses } from '../../support/both-passes';
import { maxError, relativeError } from '../../support/close';
import { readSafetensors } from '../../support/fixtures';
import { filledStateDict } from '../graph/filled-weights';
import { loadNetwork, plainLimit, runPlainGraph } from '../graph/load-network';

// By test/fixtures/models/make-edm.py.
const reference = readSafetensors(
  new Uint8Array(readFileSync(new URL('../../fixtures/models/edm.safetensors', import.meta.url))),
);
const pickle = new Uint8Array(
  readFileSync(new URL('../../fixtures/models/edm.pkl', import.meta.url)),
);

const report = (what: string, errors: unknown) => {
  if (process.env.SPGD_REPORT) console.log(`${what} ${tf.getBackend()} ${JSON.stringify(errors)}`);
};

const song: EdmConfig = {
  kind: 'song',
  resolution: 16,
  inChannels: 3,
  outChannels: 3,
  channels: 16,
  widths: [16, 32],
  blocks: 1,
  attention: ['enc.8x8_block0', 'dec.8x8_in0', 'dec.8x8_block1'],
  noiseChannels: 16,
  embeddingChannels: 64,
  fourier: false,
  smooth: false,
  residual: false,
  classes: 5,
};
const configs: Readonly<Record<string, EdmConfig>> = {
  ddpmpp: song,
  ncsnpp: {
    ...song,
    blocks: 2,
    attention: ['enc.8x8_block0', 'enc.8x8_block1', 'dec.8x8_in0', 'dec.8x8_block2'],
    noiseChannels: 32,
    fourier: true,
    smooth: true,
    residual: true,
    classes: 0,
  },
  dhariwal: {
    ...song,
    kind: 'dhariwal',
    channels: 64,
    widths: [64, 128],
    attention: ['enc.8x8_block0', 'dec.8x8_in0', 'dec.8x8_block0', 'dec.8x8_block1'],
    noiseChannels: 64,
    embeddingChannels: 256,
    classes: 4,
  },
};

/** The state dict of a network as the public checkpoints have it, with the buffers of its filters. */
function tensorsOf(config: EdmConfig, prefix = '') {
  const taps = config.smooth ? 4 : 2;
  const filter = { shape: [1, 1, taps, taps], data: new Float32Array(taps ** 2) };
  const augment = {
    shape: [config.noiseChannels, 9],
    data: new Float32Array(9 * config.noiseChannels),
  };
  const all = {
    ...filledStateDict(edmUnet(config).weights),
    'enc.8x8_down.conv0.resample_filter': filter,
    'map_augment.weight': augment,
  };
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [`${prefix}${name}`, one]));
}

const convert = (config: EdmConfig, options: ConvertOptions = {}) =>
  convertCheckpoint(writeSafetensors(tensorsOf(config)), options);

const metadataOf = ({ userDefinedMetadata }: tf.io.ModelArtifacts) =>
  (userDefinedMetadata as { spgd: ModelMetadata }).spgd;

describe.each(testBackends)('U-Nets of EDM on %s', (backend) => {
  useTestBackend(backend);

  it.each(Object.keys(configs))(
    '%s has the output and the vector-Jacobian product of PyTorch',
    async (name) => {
      const config = configs[name]!;
      const artifacts = await convert(config, { size: [12, 20] });
      const classLabel = config.classes > 0 ? { classLabel: 3 } : {};
      const network = await loadNetwork(artifacts, classLabel);
      const x: Tensor4D = reference.tensor(`${name}/x`);
      const cotangent: Tensor4D = reference.tensor(`${name}/cotangent`);
      const t: Tensor1D = reference.tensor(`${name}/t`);
      const label: tf.NamedTensorMap =
        config.classes > 0 ? { label: tf.tensor1d([3, 3], 'int32') } : {};
      const { output, gradient } = networkPasses(network, x, t, cotangent);
      const errors = {
        output: maxError(output, reference.values(`${name}/output`)),
        plain: maxError(output, await runPlainGraph(artifacts, { x, t, ...label })),
        gradient: relativeError(gradient, reference.values(`${name}/vjp`)),
      };
      report(`edm ${name}`, errors);
      expect(errors.output).toBeLessThan(1e-4);
      expect(errors.plain).toBeLessThan(plainLimit(1e-4));
      expect(errors.gradient).toBeLessThan(1e-3);
      network.dispose();
      tf.dispose([x, cotangent, t, output, gradient, label]);
    },
  );
});

describe('a checkpoint of EDM', () => {
  useTestBackend('cpu');

  it.each(Object.keys(configs))('%s tells its network by its weights', async (name) => {
    const { kind, attention, classes, inChannels, outChannels, ...rest } = configs[name]!;
    const metadata = metadataOf(await convert(configs[name]!));
    expect(metadata).toMatchObject({ classes, inChannels, outChannels, trainingSize: [16, 16] });
    expect(metadata.architecture).toBe(`edm-${kind}`);
    expect(metadata.config).toMatchObject(rest);
    expect(String(metadata.config.attention).split(',').sort()).toEqual([...attention].sort());
    expect(metadata.preconditioning).toEqual({ name: 'edm', sigmaData: 0.5 });
  });

  it('is read from a pickle whose classes never run, with its process', async () => {
    const checkpoint = await readCheckpoint(pickle, { name: 'edm.pkl' });
    expect(checkpoint.format).toBe('pickle');
    expect(checkpoint.module).toMatchObject({ name: 'VPPrecond', numbers: { M: 500 } });
    const artifacts = await convertCheckpoint(pickle);
    const metadata = metadataOf(artifacts);
    expect(metadata.weights).toEqual({ key: 'ema', averaged: true });
    expect(metadata.preconditioning).toEqual({
      ...{ name: 'vp', betaD: 18.5, betaMin: 0.2, steps: 500, prediction: 'noise' },
    });
    const config: EdmConfig = {
      ...song,
      resolution: 4,
      channels: 8,
      widths: [8],
      attention: ['dec.4x4_in0'],
      noiseChannels: 8,
      embeddingChannels: 32,
      classes: 0,
    };
    const filled = await convertCheckpoint(
      writeSafetensors(filledStateDict(edmUnet(config).weights)),
    );
    const bytes = async ({ weightData }: tf.io.ModelArtifacts) =>
      new Uint8Array(await new Blob([weightData as ArrayBuffer].flat()).arrayBuffer());
    expect(await bytes(artifacts)).toEqual(await bytes(filled));
    const denoiser = await loadDenoiser(tf.io.fromMemory(artifacts));
    expect(denoiser.denoise(tf.zeros([1, 5, 7, 3]), 1).shape).toEqual([1, 5, 7, 3]);
    denoiser.dispose();
  });

  it.each(['edm', 'vp', 've', 'iddpm'])('denoises by the process %s', async (preconditioning) => {
    const tensors = tensorsOf({ ...song, classes: 0 }, 'model.');
    const beside = { u: { shape: [3], data: new Float32Array(3) } };
    const file = writeSafetensors({ ...tensors, ...beside });
    const artifacts = await convertCheckpoint(file, { config: { preconditioning, M: 100 } });
    expect(metadataOf(artifacts).preconditioning.name).toBe(preconditioning);
    const denoiser = await loadDenoiser(tf.io.fromMemory(artifacts));
    const denoised = denoiser.denoise(tf.zeros([1, 4, 6, 3]), 0.5);
    expect(Number.isFinite((await tf.max(denoised).data())[0])).toBe(true);
    denoiser.dispose();
  });

  it('is rejected in one line', async () => {
    const refusal = (tensors: ReturnType<typeof tensorsOf>, options: ConvertOptions = {}) =>
      convertCheckpoint(writeSafetensors(tensors), { name: 'edm.pkl', ...options }).then(
        () => 'nothing was refused',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const whole = tensorsOf(song);
    const { 'dec.16x16_up.conv1.weight': _, ...lacking } = whole;
    const { 'dec.16x16_aux_conv.weight': __, ...endless } = whole;
    const skipping = { ...whole, 'enc.8x8_aux_skip.weight': whole['map_augment.weight']! };
    const filter = { shape: [1, 1, 3, 3], data: new Float32Array(9) };
    const answers = [
      await refusal(lacking),
      await refusal(endless),
      await refusal(skipping),
      await refusal({ ...whole, 'enc.8x8_down.conv0.resample_filter': filter }),
      await refusal(whole, { preset: 'ffhq256' }),
      await refusal(whole, { config: { image_size: 16 } }),
      await refusal(whole, { config: { preconditioning: 'flow' } }),
      await refusal(whole, { config: { preconditioning: 'iddpm', M: 1 } }),
      await refusal(whole, { config: { sigma_data: 0 } }),
    ];
    expect(answers.join('\n')).toMatchInlineSnapshot(`
      "RangeError: convertCheckpoint: edm.pkl: it is no SongUNet of EDM: it lacks dec.16x16_up.conv1.weight
      InputError: edm.pkl: is no U-Net of EDM: it lacks dec.16x16_aux_conv.weight
      InputError: edm.pkl: has enc.8x8_aux_skip.weight: skip encoders and decoders are not converted
      RangeError: convertCheckpoint: resample_filter must be of 2 or of 4 taps, everywhere the same, got [3]
      RangeError: convertCheckpoint: preset must be left out for a U-Net of EDM, whose weights say it, got ffhq256
      RangeError: convertCheckpoint: config must be made of preconditioning, sigma_data, beta_d, beta_min, M for a U-Net of EDM, got image_size
      RangeError: convertCheckpoint: preconditioning must be one of edm, vp, ve, iddpm, got flow
      RangeError: convertCheckpoint: M must be an integer >= 2, got 1
      RangeError: convertCheckpoint: sigma_data must be a number > 0, got 0"
    `);
  });
});
