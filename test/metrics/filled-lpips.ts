import { type ConvertLpipsOptions, convertLpips } from 'spgd/convert';
import { writeSafetensors } from '../../src/models/checkpoint/safetensors';
import type { LpipsNet } from '../../src/models/networks/lpips-nets';
import { perceptualNetwork } from '../../src/models/networks/perceptual-network';
import { filledStateDict } from '../models/graph/filled-weights';

/** Backbone and heads in one, with made-up weights; those of the heads are >= 0. */
export function filledLpipsTensors(net: LpipsNet) {
  const tensors = filledStateDict(perceptualNetwork(net).weights);
  for (const [name, { data }] of Object.entries(tensors))
    if (name.startsWith('lin')) data.set(data.map(Math.abs));
  return tensors;
}

/** LPIPS on those weights, converted. */
export const filledLpips = (net: LpipsNet, options: Omit<ConvertLpipsOptions, 'net'> = {}) =>
  convertLpips(writeSafetensors(filledLpipsTensors(net)), { net, ...options });
