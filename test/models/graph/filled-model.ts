import { type ConvertOptions, convertCheckpoint } from 'spgd';
import { writeSafetensors } from '../../../src/models/checkpoint/write-safetensors';
import { type AdmSettings, parseAdmSettings } from '../../../src/models/graph/adm-config';
import { admUnet } from '../../../src/models/graph/adm-unet';
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
} satisfies AdmSettings;

/** The state dict of a U-Net with made-up weights. */
export const filledTensors = (config: AdmSettings = tinySettings) =>
  filledStateDict(admUnet(parseAdmSettings(config)).weights);

/** That state dict as a file. */
export const filledCheckpoint = (config: AdmSettings = tinySettings) =>
  writeSafetensors(filledTensors(config));

/** A U-Net with those weights, converted. */
export const filledModel = (
  config: AdmSettings = tinySettings,
  options: Omit<ConvertOptions, 'config'> = {},
) => convertCheckpoint(filledCheckpoint(config), { config, ...options });
