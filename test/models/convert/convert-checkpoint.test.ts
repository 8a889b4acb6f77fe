import * as tf from '@tensorflow/tfjs';
import { loadDenoiser, type WeightDtype } from 'spgd';
import { type ConvertOptions, convertCheckpoint } from 'spgd/convert';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { useTestBackend } from '../../support/backend';
import { filledModel, filledTensors, tinySettings } from '../graph/filled-model';

const file = (
  change: (tensors: ReturnType<typeof filledTensors>) => object = (tensors) => tensors,
  metadata?: Record<string, string>,
) => writeSafetensors({ ...change(filledTensors()) }, metadata);

const convert = (options: ConvertOptions, bytes = file()) =>
  convertCheckpoint(bytes, { name: 'net.pt', ...options });

const withConfig = (config: object, options: ConvertOptions = {}) =>
  convert({ config: { ...tinySettings, ...config }, ...options });

const without = <T extends object>(tensors: T, ...names: string[]) =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => !names.includes(name)));

describe('convertCheckpoint', () => {
  it('writes what the model is into its metadata, as JSON', async () => {
    const artifacts = await filledModel(tinySettings, { size: [8, 12] });
    const { spgd } = JSON.parse(JSON.stringify(artifacts.userDefinedMetadata));
    const { program, ...rest } = spgd;
    expect(program.output).toBe('out.2');
    expect(rest).toMatchInlineSnapshot(`
      {
        "architecture": "adm",
        "classes": 0,
        "config": {
          "attention_resolutions": "4",
          "channel_mult": "1,2",
          "image_size": 8,
          "num_channels": 32,
          "num_heads": 2,
          "num_res_blocks": 1,
          "resblock_updown": true,
        },
        "dtype": "float32",
        "inChannels": 3,
        "multipleOf": 2,
        "outChannels": 3,
        "parameterCount": 827491,
        "preconditioning": {
          "betaD": 19.9,
          "betaMin": 0.1,
          "name": "vp",
          "prediction": "noise",
        },
        "size": [
          8,
          12,
        ],
        "trainingSize": [
          8,
          8,
        ],
        "version": 1,
      }
    `);
  });

  it('takes the settings of a safetensors file from its metadata', async () => {
    const metadata = Object.fromEntries(
      Object.entries(tinySettings).map(([key, value]) => [key, String(value)]),
    );
    const noise = {
      beta_d: '10',
      beta_min: '0.5',
      prediction: 'velocity',
      halved_at: '12',
      training: 'anything',
    };
    const artifacts = await convert({}, file(undefined, { ...metadata, ...noise }));
    const given = await convert({ config: { ...tinySettings, beta_d: 10, beta_min: 0.5 } });
    expect(artifacts.weightData).toEqual(given.weightData);
    expect(artifacts.userDefinedMetadata).toMatchObject({
      spgd: {
        preconditioning: {
          name: 'vp',
          betaD: 10,
          betaMin: 0.5,
          prediction: 'velocity',
          halvedAt: 12,
        },
        parameterCount: 827491,
      },
    });
  });

  it.each(['float16', 'uint8'] as const)(
    'keeps constants and vectors exact when weights are %s',
    async (dtype) => {
      const { weightSpecs } = await filledModel(tinySettings, { dtype });
      const rounded = weightSpecs!.filter(({ quantization }) => quantization);
      const names = Object.entries(filledTensors()).filter(([, { shape }]) => shape.length > 1);
      expect(rounded.map(({ name }) => name).sort()).toEqual(names.map(([name]) => name).sort());
    },
  );

  it('takes 256 levels for large weights alone', async () => {
    const { weightSpecs } = await filledModel(tinySettings, { dtype: 'uint8' });
    const sizes = (dtype: string) =>
      weightSpecs!
        .filter(({ quantization }) => quantization?.dtype === dtype)
        .map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    expect(Math.min(...sizes('uint8'))).toBeGreaterThanOrEqual(65536);
    expect(Math.max(...sizes('float16'))).toBeLessThan(65536);
  });

  it('refuses weights that cannot be stored so, by name', async () => {
    const name = 'output_blocks.1.0.in_layers.2.weight';
    const spoil = (value: number) =>
      file((tensors) => {
        tensors[name]!.data[7] = value;
        return tensors;
      });
    const run = (value: number, dtype: WeightDtype = 'float16') =>
      convert({ config: tinySettings, dtype }, spoil(value));
    const largest = async (value: number, dtype: WeightDtype) => {
      const { weightData, weightSpecs } = await run(value, dtype);
      const weights = tf.io.decodeWeights(weightData!, weightSpecs!);
      const most = tf.tidy(() => tf.max(weights[name]!).dataSync()[0]!);
      tf.dispose(weights);
      return most;
    };
    expect(await largest(65504, 'float16')).toBe(65504);
    expect(await largest(1e6, 'float32')).toBe(1e6);
    expect((await largest(1e6, 'uint8')) / 1e6).toBeCloseTo(1, 5);
    await expect(run(-65520)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: output_blocks.1.0.in_layers.2.weight must hold numbers of at most 65504 for dtype float16, got -65520; use dtype float32]`,
    );
    await expect(run(Infinity)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: output_blocks.1.0.in_layers.2.weight must hold numbers of at most 65504 for dtype float16, got Infinity; use dtype float32]`,
    );
    await expect(run(NaN, 'uint8')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: output_blocks.1.0.in_layers.2.weight must hold finite numbers for dtype uint8, got NaN; use dtype float32]`,
    );
  });
});

describe('settings that do not fit the checkpoint', () => {
  it('are rejected with the names that one side lacks', async () => {
    const config = tinySettings;
    await expect(
      convert(
        { config },
        file((tensors) => without(tensors, 'out.2.bias')),
      ),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt: the config is of another network: it lacks out.2.bias]`,
    );
    const more = file((tensors) => ({
      ...tensors,
      ema: { shape: [1], data: new Float32Array(1) },
    }));
    await expect(convert({ config }, more)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt: the config is of another network: it has unknown ema]`,
    );
    await expect(withConfig({ resblock_updown: false })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt: the config is of another network: it lacks input_blocks.2.0.op.weight, input_blocks.2.0.op.bias, output_blocks.1.2.conv.weight and 1 more; it has unknown input_blocks.2.0.in_layers.0.weight, input_blocks.2.0.in_layers.0.bias, input_blocks.2.0.in_layers.2.weight and 17 more]`,
    );
    await expect(withConfig({ num_res_blocks: 2 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt: the config is of another network: it lacks input_blocks.4.0.skip_connection.weight, input_blocks.4.0.skip_connection.bias, input_blocks.4.0.in_layers.0.weight and 71 more; it has unknown input_blocks.3.0.skip_connection.weight, input_blocks.3.0.skip_connection.bias, input…]`,
    );
    await expect(withConfig({ class_cond: true })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt: the config is of another network: it lacks label_emb.weight]`,
    );
  });

  it('are rejected with the expected shape', async () => {
    await expect(withConfig({ learn_sigma: true })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt: the config is of another network: out.2.weight must have the shape [6, 32, 3, 3], got [3, 32, 3, 3]]`,
    );
    await expect(
      withConfig({ use_scale_shift_norm: false }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt: the config is of another network: input_blocks.1.0.emb_layers.1.weight must have the shape [32, 128], got [64, 128]]`,
    );
    await expect(withConfig({ num_channels: 64 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt: the config is of another network: time_embed.0.weight must have the shape [256, 64], got [128, 32]]`,
    );
  });
});

describe('settings that are wrong in themselves', () => {
  it('are rejected by their key', async () => {
    const wrong = [
      { image_sise: 8 },
      { image_size: 8.5 },
      { image_size: 'wide' },
      { channel_mult: '' },
      { channel_mult: '1,1.5' },
      { channel_mult: '1,two' },
      { channel_mult: '0,1' },
      { channel_mult: '1,1,1,1,1,1,1,1,1,1,1' },
      { attention_resolutions: '16' },
      { attention_resolutions: 'none' },
      { num_heads: 3 },
      { num_heads: 0 },
      { num_heads_upsample: 0 },
      { num_head_channels: 0 },
      { num_head_channels: 48 },
      { num_res_blocks: 0 },
      { learn_sigma: 'maybe' },
      { class_cond: true, num_classes: 'ten' },
      { preconditioning: 'edm' },
      { beta_d: 'much' },
      { beta_min: 0 },
      { prediction: 'toString' },
      { prediction: 1 },
      { halved_at: -1 },
    ];
    const messages: string[] = [];
    for (const config of wrong) {
      const error = await withConfig(config).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      messages.push(String(error));
    }
    expect(messages).toMatchInlineSnapshot(`
      [
        "RangeError: convertCheckpoint: config must be made of the flags of guided-diffusion, got image_sise",
        "RangeError: convertCheckpoint: image_size must be an integer >= 1, got 8.5",
        "RangeError: convertCheckpoint: image_size must be an integer >= 1, got NaN",
        "RangeError: convertCheckpoint: channel_mult must be given for image_size 8, got """,
        "RangeError: convertCheckpoint: channel_mult must be numbers that times num_channels divide by 32, got [1, 1.5]",
        "RangeError: convertCheckpoint: channel_mult must be numbers that times num_channels divide by 32, got [1, NaN]",
        "RangeError: convertCheckpoint: channel_mult must be numbers that times num_channels divide by 32, got [0, 1]",
        "RangeError: convertCheckpoint: channel_mult must be at most 10 levels, got 11",
        "RangeError: convertCheckpoint: attention_resolutions must be sizes in pixels <= image_size, got [0]",
        "RangeError: convertCheckpoint: attention_resolutions must be sizes in pixels <= image_size, got [NaN]",
        "RangeError: convertCheckpoint: num_heads or num_head_channels must be a divisor of the 64 channels at input_blocks.3.1, got 3",
        "RangeError: convertCheckpoint: num_heads must be an integer >= 1, got 0",
        "RangeError: convertCheckpoint: num_heads or num_head_channels must be a divisor of the 64 channels at output_blocks.0.1, got 0",
        "RangeError: convertCheckpoint: num_head_channels must be -1 or at least 1, got 0",
        "RangeError: convertCheckpoint: num_heads or num_head_channels must be a divisor of the 64 channels at input_blocks.3.1, got 48",
        "RangeError: convertCheckpoint: num_res_blocks must be an integer >= 1, got 0",
        "TypeError: convertCheckpoint: learn_sigma must be true or false, got maybe",
        "RangeError: convertCheckpoint: num_classes must be an integer >= 0, got NaN",
        "RangeError: convertCheckpoint: preconditioning must be 'vp', got edm",
        "RangeError: convertCheckpoint: beta_d must be a number > 0, got NaN",
        "RangeError: convertCheckpoint: beta_min must be a number > 0, got 0",
        "RangeError: convertCheckpoint: prediction must be noise, velocity, image, got toString",
        "RangeError: convertCheckpoint: prediction must be noise, velocity, image, got 1",
        "RangeError: convertCheckpoint: halved_at must be a number > 0, got -1",
      ]
    `);
  });

  it('are rejected for the other options', async () => {
    const config = tinySettings;
    await expect(convert({})).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt does not hold its config: give preset or config]`,
    );
    await expect(convert({ preset: 'ffhq256', config })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: preset must be left out where config is given, got ffhq256]`,
    );
    await expect(
      convert({ preset: 'toString' as 'ffhq256' }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: preset must be one of ffhq256, imagenet256, got toString]`,
    );
    await expect(convert({ preset: 'ffhq256' })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: net.pt: the config is of another network: it lacks input_blocks.4.0.in_layers.0.weight, input_blocks.4.0.in_layers.0.bias, input_blocks.4.0.in_layers.2.weight and 245 more; it has unknown input_blocks.3.0.skip_connection.weight, input_blocks.3.0.skip_connection.bias, input_blocks…]`,
    );
    await expect(
      convert({ config, dtype: 'bfloat16' as 'float16' }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: dtype must be one of float32, float16, uint8, got bfloat16]`,
    );
    await expect(convert({ config, size: [8, 11] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: size must be height and width that divide by 2, got [8, 11]]`,
    );
    await expect(convert({ config, size: [0, 8] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: size must be height and width that divide by 2, got [0, 8]]`,
    );
    await expect(
      convert({ config, size: [8] as unknown as [number, number] }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertCheckpoint: size must be height and width that divide by 2, got [8]]`,
    );
  });
});

describe('a converted model', () => {
  useTestBackend('cpu');

  it('loads with the noise process of its settings', async () => {
    const process = { betaD: 10, betaMin: 0.5, prediction: 'velocity' };
    const config = { ...tinySettings, beta_d: 10, beta_min: 0.5, prediction: 'velocity' };
    const denoiser = await loadDenoiser(tf.io.fromMemory(await convert({ config })));
    expect(denoiser.metadata).toMatchObject({ preconditioning: process });
    expect(denoiser).toMatchObject({ imageShape: [null, null, 3], multipleOf: 2 });
    denoiser.dispose();
  });
});
