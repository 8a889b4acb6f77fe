import { checkInteger, checkRange } from '../internal/check';
import type { Denoiser } from './denoiser';
import { nearest } from './nearest';
import type { Network } from './network';
import { precondition } from './precondition';
import { checkPrediction, type Prediction, variancePreserving } from './prediction';

/** Options of `ddpmDenoiser`. */
export interface DdpmOptions {
  /**
   * Variances of the forward process, each in (0, 1).
   * @default linearBetas()
   */
  betas?: readonly number[];
  /**
   * Cuts the estimate to [-1, 1], as the DPS configurations do.
   * @default true
   */
  clip?: boolean;
  /**
   * What the network predicts.
   * @default 'noise'
   */
  prediction?: Prediction;
  /**
   * Whether the network is given `1000 t / steps` in place of t (`rescale_timesteps`).
   * @default false
   */
  rescaled?: boolean;
}

/** Variances that rise linearly from 1e-4 to 0.02, scaled to `steps` as guided-diffusion does. */
export function linearBetas(steps = 1000): number[] {
  checkInteger('linearBetas', 'steps', steps, 2);
  const scale = 1000 / steps;
  return Array.from(
    { length: steps },
    (_, i) => scale * (1e-4 + ((0.02 - 1e-4) * i) / (steps - 1)),
  );
}

/**
 * Variances of the cosine schedule, at most 0.999.
 *
 * Reference: Nichol & Dhariwal, "Improved Denoising Diffusion Probabilistic Models", ICML 2021.
 */
export function cosineBetas(steps = 1000): number[] {
  checkInteger('cosineBetas', 'steps', steps, 2);
  const alphaBar = (t: number) => Math.cos(((t + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  return Array.from({ length: steps }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / steps) / alphaBar(i / steps), 0.999),
  );
}

/**
 * A denoiser from a DDPM network at its own integer timesteps: the network is given the t whose
 * `sigma_t = sqrt((1 - abar_t) / abar_t)` lies nearest to sigma. Channels past those of x (a
 * learned variance) are dropped.
 *
 * Reference: Ho et al., "Denoising Diffusion Probabilistic Models", NeurIPS 2020; velocity:
 * Salimans & Ho, "Progressive Distillation for Fast Sampling of Diffusion Models", ICLR 2022.
 */
export function ddpmDenoiser(
  network: Network,
  { betas = linearBetas(), clip = true, prediction = 'noise', rescaled = false }: DdpmOptions = {},
): Denoiser {
  const owner = 'ddpmDenoiser';
  const wrong = betas.find((beta) => !(beta > 0 && beta < 1));
  const valid = betas.length > 0 && wrong === undefined;
  checkRange(valid, owner, 'betas', 'numbers in (0, 1)', wrong ?? betas);
  checkPrediction(owner, prediction);
  let abar = 1;
  const levels = betas.map((beta) => {
    abar *= 1 - beta;
    return Math.sqrt((1 - abar) / abar);
  });
  const coefficients = (sigma: number) => ({
    ...variancePreserving(prediction, sigma),
    noise: nearest(levels, sigma) * (rescaled ? 1000 / betas.length : 1),
  });
  return precondition(network, coefficients, { clip });
}
