import { checkEnds, checkSchedule } from './check-schedule';
import type { NoiseSchedule } from './schedule';

/** Options of `logSchedule`. */
export interface LogScheduleOptions {
  /** Number of steps, an integer >= 1; the schedule has one level more. */
  steps: number;
  /**
   * The first noise level.
   * @default 100
   */
  sigmaMax?: number;
  /**
   * The last noise level above 0.
   * @default 0.1
   */
  sigmaMin?: number;
}

/**
 * The geometric schedule, evenly spaced in log sigma, with 0 at its end.
 *
 * `sigma_i = sigmaMax (sigmaMin / sigmaMax)^(i / (steps - 1))`; a single step goes from sigmaMax to 0.
 * Throws `RangeError` for options out of range.
 *
 * Reference: Song et al., Score-based generative modeling through stochastic differential equations,
 * 2021 (the VE levels).
 */
export function logSchedule({
  steps,
  sigmaMax = 100,
  sigmaMin = 0.1,
}: LogScheduleOptions): NoiseSchedule {
  checkEnds('logSchedule', { steps, sigmaMax, sigmaMin });
  const level = (i: number) => sigmaMax * (sigmaMin / sigmaMax) ** (i / Math.max(steps - 1, 1));
  const schedule = [...Array.from({ length: steps }, (_, i) => level(i)), 0];
  checkSchedule('logSchedule', schedule);
  return schedule;
}
