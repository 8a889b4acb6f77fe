import { type ConvertOptions, convertCheckpoint } from 'spgd/convert';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import {
  type AdmConfigKeys,
  admKeys,
  parseAdmConfig,
} from '../../../src/models/networks/adm-config';
import { admUnet } from '../../../src/models/networks/adm-unet';
import { filledStateDict } from './filled-weights';

/** The smallest U-Net that has a part of each kind. */
export const tinySettings = {
  image_size: 8,
  num_channels: 32,
  num_res_blocks: 1,
  channel_mult: '1,2',
  attention_resolutions: '4',
  num_heads: 2,
  resblock_updown: true,
} satisfies AdmConfigKeys;

/** The state dict of a U-Net with made-up weights. */
export function filledTensors(config: AdmConfigKeys = tinySettings) {
  const ofNetwork = Object.entries(config).filter(([key]) => admKeys.includes(key));
  return filledStateDict(admUnet(parseAdmConfig(Object.fromEntries(ofNetwork))).weights);
}

/** That state dict as a file. */
export const filledCheckpoint = (config: AdmConfigKeys = tinySettings) =>
  writeSafetensors(filledTensors(config));

/** A U-Net with those weights, converted. */
export const filledModel = (
  config: AdmConfigKeys = tinySettings,
  options: Omit<ConvertOptions, 'config'> = {},
) => convertCheckpoint(filledCheckpoint(config), { config, ...options });
