import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive } from '../internal/check';
import type { Denoiser, Linearized } from './denoiser';
import { linearized } from './linearized';
import type { Network } from './network';
import { precondition } from './precondition';

/** Options of `noiseLevelDenoiser`. */
export interface NoiseLevelOptions {
  /**
   * The highest sigma of the training, on images in [-1, 1]; > 0.
   * @default 100 / 255
   */
  sigmaMax?: number;
}

const toUnit = (x: Tensor4D): Tensor4D => tf.add(tf.mul(x, 0.5), 0.5);
const fromUnit = (x: Tensor4D): Tensor4D => tf.sub(tf.mul(x, 2), 1);

/**
 * A denoiser from a network that is given a noisy image in [0, 1] and its noise level, and estimates
 * the clean image, as DRUNet does: `D(x; sigma) = 2 F((x + 1) / 2, sigma / 2) - 1`. Its `sigmaRange`
 * ends at the highest level of the training; channels past those of x are dropped.
 *
 * Reference: Zhang et al., "Plug-and-Play Image Restoration with Deep Denoiser Prior", TPAMI 2022.
 */
export function noiseLevelDenoiser(
  network: Network,
  { sigmaMax = 100 / 255 }: NoiseLevelOptions = {},
): Denoiser {
  checkPositive('noiseLevelDenoiser', 'sigmaMax', sigmaMax);
  const { denoise, linearize, ...rest } = precondition(network, (sigma) => ({
    ...{ skip: 0, out: 1, in: 1 },
    noise: sigma / 2,
  }));
  // The slopes 1/2 and 2 of the two maps cancel in the gradient.
  const atUnit = (x: Tensor4D, sigma: number): Linearized =>
    linearized((keep) => {
      const inner = keep(linearize!(toUnit(x), sigma));
      return { denoised: fromUnit(inner.denoised), backward: inner.backward };
    });
  return {
    ...rest,
    denoise: (x, sigma) => tf.tidy(() => fromUnit(denoise(toUnit(x), sigma))),
    ...(linearize ? { linearize: atUnit } : {}),
    sigmaRange: [0, sigmaMax],
  };
}
