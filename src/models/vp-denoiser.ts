import { checkPositive } from '../internal/check';
import type { Denoiser } from './denoiser';
import type { Network } from './network';
import { precondition } from './precondition';

/** Options of `vpDenoiser`. */
export interface VpOptions {
  /**
   * Slope of the noise rate, `beta(t) = betaD t + betaMin` for t in [0, 1]; > 0.
   * @default 19.9
   */
  betaD?: number;
  /**
   * Noise rate at t = 0; > 0.
   * @default 0.1
   */
  betaMin?: number;
  /**
   * Number of timesteps of the training; the network is given `(steps - 1) t`, fractions included.
   * @default 1000
   */
  steps?: number;
}

/**
 * A denoiser from a noise-predicting network of the variance-preserving process:
 * `D(x; sigma) = x - sigma F(x / sqrt(1 + sigma^2), (steps - 1) t(sigma))`, where
 * `sigma(t)^2 = exp(betaD t^2 / 2 + betaMin t) - 1`. Any sigma > 0; channels past those of x
 * (a learned variance) are dropped.
 *
 * Reference: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models",
 * table 1, column VP.
 */
export function vpDenoiser(
  network: Network,
  { betaD = 19.9, betaMin = 0.1, steps = 1000 }: VpOptions = {},
): Denoiser {
  checkPositive('vpDenoiser', 'betaD', betaD);
  checkPositive('vpDenoiser', 'betaMin', betaMin);
  checkPositive('vpDenoiser', 'steps', steps);
  const time = (sigma: number) =>
    (Math.sqrt(betaMin ** 2 + 2 * betaD * Math.log1p(sigma ** 2)) - betaMin) / betaD;
  return precondition(network, (sigma) => ({
    skip: 1,
    out: -sigma,
    in: 1 / Math.sqrt(1 + sigma ** 2),
    noise: (steps - 1) * time(sigma),
  }));
}
