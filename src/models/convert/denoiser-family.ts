import { checkRange } from '../../internal/check';
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { Architecture } from '../graph/program-builder';
import type { ModelMetadata } from '../model-metadata';
import { type AdmConfigKeys, parseAdmConfig } from '../networks/adm-config';
import { admUnet } from '../networks/adm-unet';
import { gainImageChannels, gainMultiple, gainUnet } from '../networks/gain-unet';
import { admSettings } from './adm-settings';
import { gainConfig, gainPreconditioning, isGain } from './gain-settings';

/** The network of a checkpoint, and what its model says of it. */
export interface DescribedNetwork {
  readonly network: Architecture;
  /** Height and width of the plain graph, where nobody asks for another. */
  readonly side: number;
  /** What an error says where the weights are those of another network. */
  readonly otherwise: string;
  readonly described: Pick<
    ModelMetadata,
    | 'architecture'
    | 'config'
    | 'inChannels'
    | 'outChannels'
    | 'multipleOf'
    | 'classes'
    | 'preconditioning'
  >;
}

/** What tells an ADM U-Net, where its file does not. */
interface Given {
  readonly preset: string | undefined;
  readonly config: AdmConfigKeys | undefined;
}

const owner = 'convertCheckpoint';

/** Recognises the network of a checkpoint: a gain network by its weights, else an ADM U-Net. */
export const describeNetwork = (
  checkpoint: Checkpoint,
  file: string,
  given: Given,
): DescribedNetwork =>
  isGain(checkpoint) ? describeGain(checkpoint, file, given) : describeAdm(checkpoint, file, given);

function describeAdm(checkpoint: Checkpoint, file: string, given: Given): DescribedNetwork {
  const chosen = admSettings(checkpoint, file, given);
  const resolved = parseAdmConfig(chosen.config);
  const { multipleOf, outChannels, ...network } = admUnet(resolved);
  const { imageSize, inChannels, classes } = resolved;
  const config = chosen.config as ModelMetadata['config'];
  const { preconditioning } = chosen;
  return {
    network,
    side: imageSize,
    otherwise: 'the config is of another network',
    described: {
      ...{ architecture: 'adm', config, inChannels, outChannels, multipleOf, classes },
      preconditioning,
    },
  };
}

function describeGain(checkpoint: Checkpoint, file: string, given: Given): DescribedNetwork {
  const rule = 'left out for a gain network, whose weights tell it';
  checkRange(given.preset === undefined, owner, 'preset', rule, given.preset);
  const keys = Object.keys(given.config ?? {});
  checkRange(given.config === undefined, owner, 'config', rule, keys);
  const config = gainConfig(checkpoint, file);
  return {
    network: gainUnet(config),
    side: 256,
    otherwise: 'it is no gain network',
    described: {
      architecture: 'gain',
      config: { channels: config.channels.join(), blocks: config.blocks.join() },
      inChannels: gainImageChannels,
      outChannels: gainImageChannels,
      multipleOf: gainMultiple(config),
      classes: 0,
      preconditioning: gainPreconditioning(checkpoint),
    },
  };
}
