import { checkPositive, checkRange } from '../../internal/check';
import { nameOf } from '../../internal/file-error';
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { EdmPreconditioning } from '../model-metadata';
import { type GainConfig, gainImageChannels, gainMultiple, gainUnet } from '../networks/gain-unet';
import type { TrainedNetwork } from './trained-network';

const owner = 'convertCheckpoint';

/** Whether a checkpoint is of a gain network, by its metadata or by the names of its weights. */
export const isGain = ({ metadata, tensors }: Checkpoint): boolean =>
  metadata.architecture === 'gain' ||
  ['emb.m.0.weight', 'head.weight', 'tail.weight'].every((name) => tensors.has(name));

/** The settings of a gain network, from the names and shapes of its weights. */
function gainConfig({ tensors }: Checkpoint, file: string): GainConfig {
  const names = [...tensors.keys()];
  const count = (pattern: RegExp) => names.filter((name) => pattern.test(name)).length;
  const width = (name: string): number => {
    const size = tensors.get(name)?.shape[0];
    if (size !== undefined && size > 0) return size;
    const where = `${owner}: ${nameOf({ name: file })}`;
    throw new RangeError(`${where}: it is no gain network: it has no filter ${name}`);
  };
  const halvings = Array.from({ length: count(/^ds\.\d+\.weight$/) }, (_, i) => `ds.${i}.weight`);
  return {
    channels: ['head.weight', ...halvings].map(width),
    blocks: [
      count(/^down\.0\.\d+\.a\.weight$/),
      count(/^mid\.\d+\.a\.weight$/),
      count(/^up\.0\.\d+\.a\.weight$/),
    ],
  };
}

/** The lowest noise level that `tools/train-prior` trains at. */
const sigmaMin = 0.005;

/** The noise process of a gain network, from the metadata of its file. */
function gainPreconditioning({ metadata }: Checkpoint): EdmPreconditioning {
  const { preconditioning: name = 'edm', sigma_data = '0.5' } = metadata;
  checkRange(name === 'edm', owner, 'preconditioning', "'edm' for a gain network", name);
  const sigmaData = Number(sigma_data);
  checkPositive(owner, 'sigma_data', sigmaData);
  return { name: 'edm', sigmaData, sigmaMin };
}

/** The gain network of a checkpoint, which tells all of it by itself. */
export function gainNetwork(
  checkpoint: Checkpoint,
  file: string,
  { preset, config: given }: { preset: string | undefined; config: object | undefined },
): TrainedNetwork {
  const rule = 'left out for a gain network, whose weights tell it';
  checkRange(preset === undefined, owner, 'preset', rule, preset);
  checkRange(given === undefined, owner, 'config', rule, Object.keys(given ?? {}));
  const config = gainConfig(checkpoint, file);
  return {
    architecture: 'gain',
    network: gainUnet(config),
    config: { channels: config.channels.join(), blocks: config.blocks.join() },
    size: [256, 256],
    inChannels: gainImageChannels,
    outChannels: gainImageChannels,
    multipleOf: gainMultiple(config),
    classes: 0,
    mirrored: true, // as tools/train-prior draws its crops
    preconditioning: gainPreconditioning(checkpoint),
  };
}
