import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { cosineBetas } from 'spgd';
import { convertCheckpoint } from 'spgd/convert';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { diffusersUnet } from '../../../src/models/networks/diffusers';
import { parseDiffusersConfig } from '../../../src/models/networks/diffusers-config';
import { testBackends, useTestBackend } from '../../support/backend';
import { networkPasses } from '../../support/both-passes';
import { maxError, relativeError } from '../../support/close';
import { readSafetensors } from '../../support/fixtures';
import { shared } from '../../support/references';
import { filledStateDict } from '../graph/filled-weights';
import { loadNetwork, plainLimit, runPlainGraph } from '../graph/load-network';

const report = (what: string, errors: unknown) => {
  if (process.env.SPGD_REPORT) console.log(`${what} ${tf.getBackend()} ${JSON.stringify(errors)}`);
};

const json = (path: string) => JSON.parse(new TextDecoder().decode(shared.bytes(path)));

/** A network of the fixtures, with weights of that file. */
const convertFixture = (folder: string, weights: string) =>
  convertCheckpoint(shared.bytes(`${folder}/${weights}`), {
    config: json(`${folder}/unet/config.json`),
    scheduler: json(`${folder}/scheduler/scheduler_config.json`),
  });

const weights = 'unet/diffusion_pytorch_model.safetensors';

describe.skipIf(!shared.present)(`UNet2DModel of diffusers, ${shared.title}`, () => {
  describe.each(testBackends)('on %s', (backend) => {
    useTestBackend(backend);

    it.each([
      ['diffusers-ddpm', weights],
      ['diffusers-ddpm', 'old-names/diffusion_pytorch_model.bin'],
      ['diffusers-default', weights],
      ['diffusers-scale-shift', weights],
    ])('%s, %s has the output and the vector-Jacobian product of PyTorch', async (folder, file) => {
      const io = readSafetensors(shared.bytes(`${folder}/io.safetensors`));
      const nhwc = (name: string): Tensor4D =>
        tf.tidy(() => tf.transpose(io.tensor<tf.Rank.R4>(name), [0, 2, 3, 1]));
      const artifacts = await convertFixture(folder, file);
      const network = await loadNetwork(artifacts);
      const [x, cotangent, t] = [nhwc('x'), nhwc('cotangent'), io.tensor<tf.Rank.R1>('t')];
      const { output, gradient } = networkPasses(network, x, t, cotangent);
      const [expected, vjp] = [nhwc('output'), nhwc('vjp')];
      const errors = {
        output: maxError(output, expected.dataSync<'float32'>()),
        plain: maxError(expected, await runPlainGraph(artifacts, { x, t })),
        gradient: relativeError(gradient, vjp.dataSync<'float32'>()),
      };
      report(`${folder}/${file}`, errors);
      expect(errors.output).toBeLessThan(1e-4);
      expect(errors.plain).toBeLessThan(plainLimit(1e-4));
      expect(errors.gradient).toBeLessThan(1e-3);
      network.dispose();
      tf.dispose([x, cotangent, t, output, gradient, expected, vjp]);
    });
  });
});

/** The smallest network that has a part of each kind. */
const tiny = {
  _class_name: 'UNet2DModel',
  sample_size: 8,
  block_out_channels: [8, 16],
  layers_per_block: 1,
  norm_num_groups: 4,
  attention_head_dim: 8,
  down_block_types: ['DownBlock2D', 'AttnDownBlock2D'],
  up_block_types: ['AttnUpBlock2D', 'UpBlock2D'],
};

const filled = async (config: object, scheduler?: object) => {
  const whole = { ...tiny, ...config };
  const { weights } = diffusersUnet(parseDiffusersConfig(whole));
  // The state dict has queries, keys and values apart.
  const apart = weights.flatMap((spec) =>
    (spec.parts ?? [spec.name]).map((name) => ({
      ...{ name, layout: spec.layout },
      shape: spec.parts ? [...spec.shape.slice(0, -1), spec.shape.at(-1)! / 3] : spec.shape,
    })),
  );
  return convertCheckpoint(writeSafetensors(filledStateDict(apart)), {
    config: whole,
    name: 'net.bin',
    ...(scheduler && { scheduler: scheduler as Record<string, unknown> }),
  });
};

const networks: readonly (readonly [string, object])[] = [
  ['as diffusers makes it', {}],
  ['padded below and on the right', { downsample_padding: 0, freq_shift: 1 }],
  ['with sines first', { flip_sin_to_cos: false, norm_eps: 1e-2 }],
  ['with scale and shift', { resnet_time_scale_shift: 'scale_shift' }],
  ['with residual resampling', { downsample_type: 'resnet', upsample_type: 'resnet' }],
  ['without attention in the middle', { add_attention: false, attention_head_dim: null }],
];

describe('a network of a diffusers config', () => {
  useTestBackend('cpu');

  it.each(networks)(
    '%s is the same as a plain graph, with the slope of finite differences',
    async (_, config) => {
      const artifacts = await filled(config);
      const network = await loadNetwork(artifacts);
      const x: Tensor4D = tf.randomUniform([2, 8, 8, 3], -1, 1, 'float32', 3);
      const cotangent: Tensor4D = tf.randomUniform([2, 8, 8, 3], -1, 1, 'float32', 4);
      const t: Tensor1D = tf.tensor1d([3, 700]);
      const { output, gradient } = networkPasses(network, x, t, cotangent);
      const plain = await runPlainGraph(artifacts, { x, t });
      expect(maxError(output, plain)).toBeLessThan(plainLimit(1e-4));
      const direction: Tensor4D = tf.randomUniform([2, 8, 8, 3], -1, 1, 'float32', 5);
      const along = (step: number) =>
        tf.tidy(() => {
          const moved = network(tf.add(x, tf.mul(direction, step)), t);
          return tf.sum(tf.mul(moved, cotangent)).dataSync()[0]!;
        });
      const slope = (along(0.01) - along(-0.01)) / 0.02;
      const exact = tf.tidy(() => tf.sum(tf.mul(gradient, direction)).dataSync()[0]!);
      report('slope', { slope, exact });
      expect(Math.abs(slope - exact)).toBeLessThan(0.02 * Math.abs(exact) + 0.02);
      network.dispose();
    },
  );

  it('of an older diffusers is the same network', async () => {
    const { block_out_channels, norm_num_groups, sample_size, attention_head_dim, ...rest } = tiny;
    const old = parseDiffusersConfig({
      ...rest,
      _class_name: 'UNetUnconditionalModel',
      ...{ block_channels: block_out_channels, resnet_num_groups: norm_num_groups },
      ...{ image_size: sample_size, num_head_channels: attention_head_dim, resnet_eps: 1e-5 },
      down_block_types: ['UNetResDownBlock2D', 'UNetResAttnDownBlock2D'],
      up_block_types: ['UNetResAttnUpBlock2D', 'UNetResUpBlock2D'],
    });
    expect(old).toEqual(parseDiffusersConfig(tiny));
  });
});

describe('the scheduler of diffusers', () => {
  const processOf = async (scheduler: object) =>
    (await filled({}, scheduler)).userDefinedMetadata as {
      spgd: { preconditioning: { betas: number[]; prediction: string; clip: boolean } };
    };
  const betasOf = async (scheduler: object) =>
    (await processOf({ num_train_timesteps: 5, ...scheduler })).spgd.preconditioning.betas;
  const close = (actual: readonly number[], expected: readonly number[]) => {
    expect(actual).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 7);
  };

  it('has variances of every kind', async () => {
    // torch.linspace(1e-4, 0.02, 5) and its like in diffusers' DDPMScheduler
    close(await betasOf({}), [0.0001, 0.005075, 0.01005, 0.015025, 0.02]);
    const roots = [0.01, 0.042855339, 0.075710678, 0.108566017, 0.141421356];
    close(
      await betasOf({ beta_schedule: 'scaled_linear' }),
      roots.map((root) => root ** 2),
    );
    close(await betasOf({ beta_schedule: 'squaredcos_cap_v2' }), cosineBetas(5));
    const sigmoids = [0.0024726, 0.0474259, 0.5, 0.9525741, 0.9975274];
    close(
      await betasOf({ beta_schedule: 'sigmoid' }),
      sigmoids.map((value) => 0.0001 + 0.0199 * value),
    );
    close(await betasOf({ trained_betas: [0.1, 0.2] }), [0.1, 0.2]);
  });

  it.each([
    ['epsilon', 'noise'],
    ['v_prediction', 'velocity'],
    ['sample', 'image'],
  ])('predicts %s: %s', async (prediction_type, prediction) => {
    const { spgd } = await processOf({ prediction_type, clip_sample: false });
    expect(spgd.preconditioning).toMatchObject({ name: 'ddpm', prediction, clip: false });
  });
});

it('what a config cannot be converted for is refused by name', async () => {
  const messages: string[] = [];
  for (const config of [
    { _class_name: 'UNet2DConditionModel' },
    { down_block_types: ['SkipDownBlock2D', 'DownBlock2D'] },
    { down_block_types: ['DownBlock2D'] },
    { time_embedding_type: 'fourier' },
    { center_input_sample: true },
    { mid_block_scale_factor: 1.4 },
    { class_embed_type: 'timestep' },
    { act_fn: 'gelu' },
    { block_out_channels: [8, 18] },
    { block_out_channels: 'wide' },
    { attention_head_dim: 3 },
    { layers_per_block: 1e9 },
    { norm_eps: 'small' },
  ])
    messages.push(await filled(config).then(() => 'converted', String));
  for (const scheduler of [
    { _class_name: 'ScoreSdeVeScheduler' },
    { beta_schedule: 'laplace' },
    { prediction_type: 'flow' },
    { rescale_betas_zero_snr: true },
    { trained_betas: ['a'] },
    { num_train_timesteps: 1e15 },
  ])
    messages.push(await filled({}, scheduler).then(() => 'converted', String));
  expect(messages.join('\n')).toMatchInlineSnapshot(`
    "RangeError: convertCheckpoint: _class_name must be UNet2DModel or UNetUnconditionalModel, got UNet2DConditionModel
    RangeError: convertCheckpoint: down_block_types must be made of Down, Up, AttnDown, AttnUp, ResnetDownsample or ResnetUpsample blocks, got SkipDownBlock2D
    RangeError: convertCheckpoint: down_block_types must be a list of 2 blocks, got [DownBlock2D]
    RangeError: convertCheckpoint: time_embedding_type must be positional, got fourier
    RangeError: convertCheckpoint: center_input_sample must be false, got true
    RangeError: convertCheckpoint: mid_block_scale_factor must be null or 1, got 1.4
    RangeError: convertCheckpoint: class_embed_type must be null, got timestep
    RangeError: convertCheckpoint: act_fn must be silu or swish, got gelu
    RangeError: convertCheckpoint: block_out_channels must be multiples of 4, got [8, 18]
    RangeError: convertCheckpoint: block_out_channels must be a list of 1 to 10 widths, got wide
    RangeError: convertCheckpoint: attention_head_dim must be a divisor of the 16 channels at down_blocks.1.attentions.0, got 3
    RangeError: convertCheckpoint: layers_per_block must be at most 100, got 1000000000
    RangeError: convertCheckpoint: norm_eps must be a number in (0, 1), got small
    RangeError: convertCheckpoint: scheduler must be of a variance-preserving process, got ScoreSdeVeScheduler
    RangeError: convertCheckpoint: beta_schedule must be one of linear, scaled_linear, squaredcos_cap_v2, sigmoid, got laplace
    RangeError: convertCheckpoint: prediction_type must be one of epsilon, v_prediction, sample, got flow
    RangeError: convertCheckpoint: rescale_betas_zero_snr must be false, got true
    RangeError: convertCheckpoint: trained_betas must be a list of numbers in (0, 1), got [a]
    RangeError: convertCheckpoint: num_train_timesteps must be at most 100000, got 1000000000000000"
  `);
});
