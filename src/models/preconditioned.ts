import { ddpmDenoiser } from './ddpm-denoiser';
import type { Denoiser } from './denoiser';
import { edmDenoiser } from './edm-denoiser';
import { iddpmDenoiser } from './iddpm-denoiser';
import type { ModelMetadata } from './model-metadata';
import type { Network } from './network';
import { noiseLevelDenoiser } from './noise-level-denoiser';
import { veDenoiser } from './ve-denoiser';
import { vpDenoiser } from './vp-denoiser';

/** The denoiser of a network that was trained as its model says. */
export function preconditioned(network: Network, { preconditioning }: ModelMetadata): Denoiser {
  if (preconditioning.name === 'vp') return vpDenoiser(network, preconditioning);
  if (preconditioning.name === 'ddpm') return ddpmDenoiser(network, preconditioning);
  if (preconditioning.name === 'edm') return edmDenoiser(network, preconditioning);
  if (preconditioning.name === 've') return veDenoiser(network);
  if (preconditioning.name === 'iddpm') return iddpmDenoiser(network, preconditioning);
  return noiseLevelDenoiser(network, preconditioning);
}
