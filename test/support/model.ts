import * as tf from '@tensorflow/tfjs';
import { type LoadDenoiserOptions, loadDenoiser } from 'spgd';
import { convertCheckpoint } from 'spgd/convert';
import { filledCheckpoint } from '../models/graph/filled-model';
import { type Reference, released } from './references';

type Size = readonly [number, number];

/** The settings of the small U-Net of the reference numbers, and its checkpoint. */
export function fixtureCheckpoint(reference: Reference) {
  const config = reference.json<Parameters<typeof filledCheckpoint>[0]>('unet-config.json');
  const stored = reference !== released;
  return {
    config,
    checkpoint: stored ? reference.bytes('unet.safetensors') : filledCheckpoint(config),
  };
}

/** That U-Net, converted here and now. */
export const fixtureModel = (reference: Reference, size?: Size) => {
  const { config, checkpoint } = fixtureCheckpoint(reference);
  return convertCheckpoint(checkpoint, { config, ...(size ? { size } : {}) });
};

/** The denoiser of that network; the caller disposes it. */
export const fixtureDenoiser = async (reference: Reference, options?: LoadDenoiserOptions) =>
  loadDenoiser(tf.io.fromMemory(await fixtureModel(reference)), options);
