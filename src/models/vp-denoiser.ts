import { checkPositive } from '../internal/check';
import type { Denoiser } from './denoiser';
import type { Network } from './network';
import { precondition } from './precondition';
import { checkPrediction, type Prediction, variancePreserving } from './prediction';

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
  /**
   * What the network predicts. Of these, noise alone leaves [-1, 1] far behind at a large sigma,
   * where its error counts sigma times.
   * @default 'noise'
   */
  prediction?: Prediction;
}

/**
 * A denoiser from a network of the variance-preserving process, asked at fractional times:
 * `D(x; sigma) = x - sigma F(x / sqrt(1 + sigma^2), (steps - 1) t(sigma))` for a prediction of
 * noise, where `sigma(t)^2 = exp(betaD t^2 / 2 + betaMin t) - 1`; for velocity
 * `D = x / (1 + sigma^2) - sigma F / sqrt(1 + sigma^2)`, for the image `D = F`. Any sigma > 0;
 * channels past those of x (a learned variance) are dropped.
 *
 * Reference: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models",
 * table 1, column VP; velocity: Salimans & Ho, "Progressive Distillation for Fast Sampling of
 * Diffusion Models", ICLR 2022.
 */
export function vpDenoiser(
  network: Network,
  { betaD = 19.9, betaMin = 0.1, steps = 1000, prediction = 'noise' }: VpOptions = {},
): Denoiser {
  checkPositive('vpDenoiser', 'betaD', betaD);
  checkPositive('vpDenoiser', 'betaMin', betaMin);
  checkPositive('vpDenoiser', 'steps', steps);
  checkPrediction('vpDenoiser', prediction);
  const time = (sigma: number) =>
    (Math.sqrt(betaMin ** 2 + 2 * betaD * Math.log1p(sigma ** 2)) - betaMin) / betaD;
  return precondition(network, (sigma) => ({
    ...variancePreserving(prediction, sigma),
    noise: (steps - 1) * time(sigma),
  }));
}
