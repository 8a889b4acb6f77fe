import { checkInteger } from '../internal/check';
import type { Denoiser } from './denoiser';
import { nearest } from './nearest';
import type { Network } from './network';
import { precondition } from './precondition';

/** Options of `iddpmDenoiser`. */
export interface IddpmOptions {
  /**
   * Number of timesteps of the training, at least 2.
   * @default 1000
   */
  steps?: number;
}

/** Noise levels `u_0 > … > u_steps = 0` of the cosine schedule, as in EDM. */
function cosineLevels(steps: number): number[] {
  const alphaBar = (j: number) => Math.sin((Math.PI / 2) * (j / steps / (0.008 + 1))) ** 2;
  const levels = new Array<number>(steps + 1).fill(0);
  for (let j = steps; j > 0; j--) {
    const ratio = Math.max(alphaBar(j - 1) / alphaBar(j), 0.001);
    levels[j - 1] = Math.sqrt((levels[j]! ** 2 + 1) / ratio - 1);
  }
  return levels;
}

/**
 * A denoiser from an improved-DDPM network at its own timesteps:
 * `D(x; sigma) = x - sigma F(x / sqrt(1 + sigma^2), steps - 1 - j)`, where `u_j` is the cosine
 * noise level nearest to sigma.
 *
 * Reference: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models",
 * table 1, column iDDPM.
 */
export function iddpmDenoiser(network: Network, { steps = 1000 }: IddpmOptions = {}): Denoiser {
  checkInteger('iddpmDenoiser', 'steps', steps, 2);
  const levels = cosineLevels(steps).slice(0, steps);
  return precondition(network, (sigma) => ({
    skip: 1,
    out: -sigma,
    in: 1 / Math.sqrt(1 + sigma ** 2),
    noise: steps - 1 - nearest(levels, sigma),
  }));
}
