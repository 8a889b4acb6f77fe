import type { Tensor4D } from '@tensorflow/tfjs';
import type { Denoiser } from '../models/denoiser';
import { edmSchedule } from '../schedulers/edm-schedule';
import type { NoiseSchedule } from '../schedulers/schedule';
import { ddimStep, noiseOn } from './ddim-step';
import { repeat } from './repeat';
import type { RunContext } from './sampler';

/**
 * Unguided steps down these noise levels, one network pass each: the probability-flow ODE with eta
 * 0, the reverse SDE with eta 1. The caller disposes the result.
 */
export const descend = (
  denoiser: Denoiser,
  x: Tensor4D,
  levels: NoiseSchedule,
  eta: number,
  run: RunContext,
): Promise<Tensor4D> =>
  repeat(x, levels.length - 1, run, (value, i) => {
    const level = { sigma: levels[i]!, sigmaNext: levels[i + 1]! };
    const x0 = denoiser.denoise(value, level.sigma);
    return ddimStep(x0, noiseOn(value, x0, level.sigma), level, eta, run);
  });

/**
 * The levels of EDM in `steps` steps from sigma to sigmaMin; straight to 0 where sigma is not above it
 * by more than rounding, since no schedule fits in between.
 */
export const levelsBetween = (sigma: number, sigmaMin: number, steps: number): NoiseSchedule =>
  sigma > 1.01 * sigmaMin
    ? edmSchedule({ steps: steps + 1, sigmaMax: sigma, sigmaMin }).slice(0, -1)
    : [sigma, 0];
