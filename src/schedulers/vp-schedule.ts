import { checkInteger, checkPositive, checkRange } from '../internal/check';
import { checkSchedule } from './check-schedule';
import type { NoiseSchedule } from './schedule';

/** Options of `vpSchedule`. */
export interface VpScheduleOptions {
  /** Number of steps, an integer >= 1; the schedule has one level more. */
  steps: number;
  /**
   * Slope of beta(t) over t in [0, 1], > 0.
   * @default 19.9
   */
  betaD?: number;
  /**
   * beta(0), > 0.
   * @default 0.1
   */
  betaMin?: number;
  /**
   * The last time above 0, in (0, 1).
   * @default 0.001
   */
  epsilon?: number;
}

/**
 * The schedule of variance-preserving diffusion, evenly spaced in time, with 0 at its end.
 *
 * `t_i = 1 + i / (steps - 1) (epsilon - 1)`, `sigma_i = sqrt(exp(betaD t_i² / 2 + betaMin t_i) - 1)`; a
 * single step goes from t = 1 to 0. With the defaults sigma falls from 152 to 0.0105, then 0. Throws
 * `RangeError` for options out of range.
 *
 * Reference: Karras et al., Elucidating the design space of diffusion-based generative models, 2022,
 * table 1 (VP).
 */
export function vpSchedule({
  steps,
  betaD = 19.9,
  betaMin = 0.1,
  epsilon = 1e-3,
}: VpScheduleOptions): NoiseSchedule {
  checkInteger('vpSchedule', 'steps', steps, 1);
  checkPositive('vpSchedule', 'betaD', betaD);
  checkPositive('vpSchedule', 'betaMin', betaMin);
  checkRange(epsilon > 0 && epsilon < 1, 'vpSchedule', 'epsilon', 'a number in (0, 1)', epsilon);
  const level = (i: number) => {
    const t = 1 + (i / Math.max(steps - 1, 1)) * (epsilon - 1);
    return Math.sqrt(Math.expm1((betaD * t * t) / 2 + betaMin * t));
  };
  const schedule = [...Array.from({ length: steps }, (_, i) => level(i)), 0];
  checkSchedule('vpSchedule', schedule);
  return schedule;
}
