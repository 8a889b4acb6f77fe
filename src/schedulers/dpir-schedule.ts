import { checkInteger, checkPositive } from '../internal/check';
import { logSchedule } from './log-schedule';
import type { NoiseSchedule } from './schedule';

/** Options of `dpirSchedule`. */
export interface DpirScheduleOptions {
  /** Standard deviation of the noise of the measurement on the [-1, 1] scale, > 0: the last level above 0. */
  noiseStd: number;
  /**
   * Number of steps, an integer >= 1; the schedule has one level more.
   * @default 8
   */
  steps?: number;
  /**
   * The first noise level, > 0: 49 of 255 grey levels in the paper.
   * @default 98 / 255
   */
  sigmaMax?: number;
}

/**
 * The schedule of DPIR: `logSchedule` from sigmaMax to the noise of the measurement, then 0. Noise of
 * sigmaMax or more leaves one step, at its own level.
 *
 * Throws `RangeError` for options out of range.
 *
 * Reference: Zhang et al., Plug-and-play image restoration with deep denoiser prior, 2022, section 4.2.
 */
export function dpirSchedule({
  noiseStd,
  steps = 8,
  sigmaMax = 98 / 255,
}: DpirScheduleOptions): NoiseSchedule {
  checkPositive('dpirSchedule', 'noiseStd', noiseStd);
  checkInteger('dpirSchedule', 'steps', steps, 1);
  checkPositive('dpirSchedule', 'sigmaMax', sigmaMax);
  if (noiseStd >= sigmaMax || steps === 1) return [noiseStd, 0];
  return logSchedule({ steps, sigmaMax, sigmaMin: noiseStd });
}
