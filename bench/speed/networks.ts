import type { NamedTensorMap } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type Denoiser, loadDenoiser, type Network, type Precision, vpDenoiser } from 'spgd';
import { type BundledPriors, bundledPriors } from 'spgd/node';
import type { Architecture } from '../../src/models/graph/program-builder';
import { programFunction } from '../../src/models/graph/program-function';
import { programNetwork } from '../../src/models/graph/program-network';
import { type AdmConfigKeys, parseAdmConfig, presets } from '../../src/models/networks/adm-config';
import { admUnet } from '../../src/models/networks/adm-unet';
import { type GainConfig, gainMultiple, gainUnet } from '../../src/models/networks/gain-unet';
import type { Case } from './measured';

/** A network that is measured. */
export interface Subject extends Architecture {
  /** The side of its images. */
  readonly side: number;
  readonly multipleOf: number;
  /** The arguments of the same network in PyTorch. */
  readonly torch: Readonly<Record<string, unknown>>;
}

/** A U-Net by the settings of its checkpoint. */
function adm(settings: AdmConfigKeys): Subject {
  const config = parseAdmConfig(settings);
  const torch = {
    channels: config.channels,
    mult: config.channelMult,
    blocks: config.resBlocks,
    attention: config.attentionFactors,
    head_channels: config.headChannels,
    out: config.learnSigma ? 2 * config.inChannels : config.inChannels,
  };
  return { side: config.imageSize, torch, ...admUnet(config) };
}

function gain(config: GainConfig): Subject {
  return {
    side: 64,
    torch: { ...config, patch: 2 },
    multipleOf: gainMultiple(config),
    ...gainUnet(config),
  };
}

/** The settings of the bundled `prior64`. */
const prior64: AdmConfigKeys = {
  image_size: 64,
  num_channels: 32,
  num_res_blocks: 1,
  channel_mult: '1,2,4',
  attention_resolutions: '16',
  num_heads: 1,
  num_head_channels: 32,
  resblock_updown: true,
};

/** What is measured, by name: the bundled priors, and two networks with random weights. */
export const subjects: Readonly<Record<string, Subject>> = {
  prior64: adm(prior64),
  light: gain({ channels: [64, 128, 256], blocks: [1, 2, 2] }),
  ffhq256: adm(presets.ffhq256),
  imagenet256: adm(presets.imagenet256),
};

const stock = Float32Array.from({ length: 2 ** 20 }, (_, i) => 2 * ((i * 0.618034) % 1) - 1);

/** Made-up weights of a shape, of the size that keeps the variance of what passes. */
export function madeUp(shape: readonly number[]): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  if (shape.length === 1) return tf.fill([...shape], 1);
  const scale = Math.sqrt((3 * shape.at(-1)!) / size);
  return tf.tidy(() => {
    const repeated = tf.tile(tf.tensor1d(stock), [Math.ceil(size / stock.length)]);
    return tf.reshape(tf.mul(tf.slice(repeated, 0, size), scale), [...shape]);
  });
}

/**
 * The denoiser of a subject: a bundled prior, or a network with made-up weights that never touch the
 * disk. `wrap` sees its network.
 */
export async function denoiserOf(
  name: string,
  { budget: memoryBudget, precision }: Pick<Case, 'budget'> & { readonly precision?: Precision },
  wrap: (network: Network) => Network = (same) => same,
): Promise<Denoiser> {
  const precondition = (network: Network) => vpDenoiser(wrap(network));
  const bundled = bundledPriors[name as keyof BundledPriors];
  if (bundled)
    return loadDenoiser(bundled, {
      precondition,
      ...(precision && { precision }),
      ...(memoryBudget !== undefined && { memoryBudget }),
    });
  const { program, weights, multipleOf } = subjects[name]!;
  const tensors: NamedTensorMap = {};
  for (const { name: weight, shape } of weights) tensors[weight] = madeUp(shape);
  const run = programFunction(program, tensors, { memoryBudget, precision });
  return precondition(programNetwork(run, { inChannels: 3, multipleOf }));
}
