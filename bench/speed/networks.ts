import type { NamedTensorMap } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type Denoiser, loadDenoiser, type Network, type Precision, vpDenoiser } from 'spgd';
import { bundledPrior } from 'spgd/node';
import { programFunction } from '../../src/models/graph/program-function';
import { programNetwork } from '../../src/models/graph/program-network';
import { type AdmConfigKeys, parseAdmConfig, presets } from '../../src/models/networks/adm-config';
import { type AdmUnet, admUnet } from '../../src/models/networks/adm-unet';
import type { Case } from './measured';

/** A network that is measured: the settings of the published one, and the side of its images. */
export interface Subject {
  readonly side: number;
  readonly settings: AdmConfigKeys;
}

/** The settings of the bundled prior. */
const small: AdmConfigKeys = {
  image_size: 64,
  num_channels: 32,
  num_res_blocks: 1,
  channel_mult: '1,2,4',
  attention_resolutions: '16',
  num_heads: 1,
  num_head_channels: 32,
  resblock_updown: true,
};

/** What is measured, by name. */
export const subjects: Readonly<Record<string, Subject>> = {
  small: { side: 64, settings: small },
  ffhq256: { side: 256, settings: presets.ffhq256 },
  imagenet256: { side: 256, settings: presets.imagenet256 },
};

export const unetOf = ({ settings }: Subject): AdmUnet => admUnet(parseAdmConfig(settings));

const stock = Float32Array.from({ length: 2 ** 20 }, (_, i) => 2 * ((i * 0.618034) % 1) - 1);

/** Made-up weights of a shape, of the size that keeps the variance of what passes. */
export function madeUp(shape: readonly number[]): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  if (shape.length === 1) return tf.fill([...shape], 1);
  const scale = Math.sqrt((3 * shape.at(-1)!) / size);
  const scaled = stock.map((value) => scale * value);
  const values = new Float32Array(size);
  for (let at = 0; at < size; at += scaled.length) values.set(scaled.subarray(0, size - at), at);
  return tf.tensor(values, [...shape]);
}

/**
 * The denoiser of a subject: the bundled prior, or a network with made-up weights that never touch
 * the disk. `wrap` sees its network.
 */
export async function denoiserOf(
  name: string,
  { budget, precision }: Pick<Case, 'budget'> & { readonly precision?: Precision },
  wrap: (network: Network) => Network,
): Promise<Denoiser> {
  const precondition = (network: Network) => vpDenoiser(wrap(network));
  if (name === 'small')
    return loadDenoiser(bundledPrior, {
      precondition,
      ...(precision && { precision }),
      ...(budget === undefined ? {} : { memoryBudget: budget }),
    });
  const { program, weights, multipleOf } = unetOf(subjects[name]!);
  const tensors: NamedTensorMap = {};
  for (const { name: weight, shape } of weights) tensors[weight] = madeUp(shape);
  const run = programFunction(program, tensors, { memoryBudget: budget, precision });
  return precondition(programNetwork(run, { inChannels: 3, multipleOf }));
}
