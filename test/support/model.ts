import * as tf from '@tensorflow/tfjs';
import { type LoadDenoiserOptions, loadDenoiser } from 'spgd';
import { convertCheckpoint } from 'spgd/convert';
import { sharedBytes, sharedJson } from './fixtures';

/** The small U-Net of the reference numbers, converted here and now. */
export const fixtureModel = (size?: readonly [number, number]) =>
  convertCheckpoint(new Uint8Array(sharedBytes('unet.safetensors')), {
    config: sharedJson('unet-config.json'),
    ...(size ? { size } : {}),
  });

/** The denoiser of that network; the caller disposes it. */
export const fixtureDenoiser = async (options?: LoadDenoiserOptions) =>
  loadDenoiser(tf.io.fromMemory(await fixtureModel()), options);
