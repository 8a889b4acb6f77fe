import { checkInteger, checkPositive, checkRange, checkType } from '../internal/check';
import type { NoiseSchedule } from './schedule';

/**
 * Checks a list of noise levels: at least 2, finite and strictly decreasing, all positive except that
 * the last may be 0.
 *
 * Throws `RangeError` in the name of `owner`, `TypeError` for anything but a list.
 */
export function checkSchedule(owner: string, schedule: NoiseSchedule): void {
  const isList = Array.isArray(schedule);
  checkType(isList, owner, 'schedule', 'a list of noise levels', schedule);
  const { length } = schedule;
  checkRange(length >= 2, owner, 'schedule', 'a list of at least 2 noise levels', schedule);
  schedule.forEach((sigma, i) => {
    const option = `schedule[${i}]`;
    checkRange(Number.isFinite(sigma), owner, option, 'finite', sigma);
    const last = i === length - 1;
    checkRange(last ? sigma >= 0 : sigma > 0, owner, option, last ? '>= 0' : '> 0', sigma);
    const previous = schedule[i - 1] ?? Infinity;
    checkRange(sigma < previous, owner, option, `less than ${previous}`, sigma);
  });
}

/** Throws unless a schedule can fall from sigmaMax to sigmaMin in its steps; one step needs no sigmaMin. */
export function checkEnds(
  owner: string,
  { steps, sigmaMax, sigmaMin }: Readonly<Record<'steps' | 'sigmaMax' | 'sigmaMin', number>>,
): void {
  checkInteger(owner, 'steps', steps, 1);
  checkPositive(owner, 'sigmaMax', sigmaMax);
  checkPositive(owner, 'sigmaMin', sigmaMin);
  const falls = steps === 1 || sigmaMin < sigmaMax;
  checkRange(falls, owner, 'sigmaMin', `less than sigmaMax = ${sigmaMax}`, sigmaMin);
}
