import { checkPositive, checkRange } from '../internal/check';
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
   * What the network predicts.
   * @default 'noise'
   */
  prediction?: Prediction;
  /**
   * The sigma at which D is shrunk by half: it is multiplied by `1 / (1 + (sigma / halvedAt)^2)`; > 0.
   * For a network that predicts noise, whose error counts sigma times in D: without it D leaves
   * [-1, 1] far behind at a large sigma.
   * @default Infinity
   */
  halvedAt?: number;
}

/**
 * A denoiser from a network of the variance-preserving process, at fractional times:
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
  {
    betaD = 19.9,
    betaMin = 0.1,
    steps = 1000,
    prediction = 'noise',
    halvedAt = Infinity,
  }: VpOptions = {},
): Denoiser {
  checkPositive('vpDenoiser', 'betaD', betaD);
  checkPositive('vpDenoiser', 'betaMin', betaMin);
  checkPositive('vpDenoiser', 'steps', steps);
  checkPrediction('vpDenoiser', prediction);
  checkRange(halvedAt > 0, 'vpDenoiser', 'halvedAt', 'a number > 0', halvedAt);
  const time = (sigma: number) =>
    (Math.sqrt(betaMin ** 2 + 2 * betaD * Math.log1p(sigma ** 2)) - betaMin) / betaD;
  return precondition(network, (sigma) => {
    const scaling = variancePreserving(prediction, sigma);
    const shrink = 1 / (1 + (sigma / halvedAt) ** 2);
    return {
      ...scaling,
      skip: shrink * scaling.skip,
      out: shrink * scaling.out,
      noise: (steps - 1) * time(sigma),
    };
  });
}
