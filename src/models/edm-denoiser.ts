import { checkPositive, checkRange } from '../internal/check';
import type { Denoiser } from './denoiser';
import type { Network } from './network';
import { precondition } from './precondition';

/** Options of `edmDenoiser`. */
export interface EdmOptions {
  /**
   * Standard deviation of the training images; > 0.
   * @default 0.5
   */
  sigmaData?: number;
  /**
   * The lowest sigma of the training, >= 0. Below it F is given this level, since it knows no other;
   * `out` still goes to zero with sigma.
   * @default 0
   */
  sigmaMin?: number;
}

/**
 * A denoiser from an EDM network: `D = skip x + out F(in x, log(sigma) / 4)` with
 * `skip = s^2 / (sigma^2 + s^2)`, `out = sigma s / sqrt(sigma^2 + s^2)`,
 * `in = 1 / sqrt(sigma^2 + s^2)`, `s = sigmaData`.
 *
 * Reference: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models",
 * table 1, last column.
 */
export function edmDenoiser(
  network: Network,
  { sigmaData = 0.5, sigmaMin = 0 }: EdmOptions = {},
): Denoiser {
  checkPositive('edmDenoiser', 'sigmaData', sigmaData);
  checkRange(sigmaMin >= 0, 'edmDenoiser', 'sigmaMin', '>= 0', sigmaMin);
  return precondition(network, (sigma) => {
    const total = sigma ** 2 + sigmaData ** 2;
    return {
      skip: sigmaData ** 2 / total,
      out: (sigma * sigmaData) / Math.sqrt(total),
      in: 1 / Math.sqrt(total),
      noise: Math.log(Math.max(sigma, sigmaMin)) / 4,
    };
  });
}
