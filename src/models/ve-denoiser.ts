import type { Denoiser } from './denoiser';
import type { Network } from './network';
import { precondition } from './precondition';

/**
 * A denoiser from a network of the variance-exploding process (NCSN++):
 * `D(x; sigma) = x + sigma F(x, log(sigma / 2))`.
 *
 * Reference: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models",
 * table 1, column VE.
 */
export function veDenoiser(network: Network): Denoiser {
  return precondition(network, (sigma) => ({
    skip: 1,
    out: sigma,
    in: 1,
    noise: Math.log(sigma / 2),
  }));
}
