import { checkPositive } from '../internal/check';
import { checkEnds, checkSchedule } from './check-schedule';
import type { NoiseSchedule } from './schedule';

/** Options of `edmSchedule`. */
export interface EdmScheduleOptions {
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
  /**
   * How densely the levels lie at the small end, > 0: 1 is evenly spaced.
   * @default 7
   */
  rho?: number;
}

/**
 * The polynomial schedule of EDM, with 0 at its end.
 *
 * `sigma_i = (sigmaMax^(1/rho) + i / (steps - 1) (sigmaMin^(1/rho) - sigmaMax^(1/rho)))^rho`; a single
 * step goes from sigmaMax to 0. Throws `RangeError` for options out of range.
 *
 * Reference: Karras et al., Elucidating the design space of diffusion-based generative models, 2022,
 * equation 5.
 */
export function edmSchedule({
  steps,
  sigmaMax = 100,
  sigmaMin = 0.1,
  rho = 7,
}: EdmScheduleOptions): NoiseSchedule {
  checkEnds('edmSchedule', { steps, sigmaMax, sigmaMin });
  checkPositive('edmSchedule', 'rho', rho);
  const from = sigmaMax ** (1 / rho);
  const to = sigmaMin ** (1 / rho);
  const level = (i: number) => (from + (i / Math.max(steps - 1, 1)) * (to - from)) ** rho;
  const schedule = [...Array.from({ length: steps }, (_, i) => level(i)), 0];
  checkSchedule('edmSchedule', schedule);
  return schedule;
}
