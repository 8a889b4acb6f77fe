import { describe, expect, it } from 'vitest';
import { logSchedule } from '../../src/schedulers/log-schedule';
import { elementwiseError } from '../support/close';
import { errorNaming } from '../support/error-naming';

describe('logSchedule', () => {
  it('falls by the same factor at every step, then to 0', () => {
    const schedule = logSchedule({ steps: 4, sigmaMax: 100, sigmaMin: 0.1 });
    expect(elementwiseError(schedule, [100, 10, 1, 0.1, 0])).toBeLessThan(1e-12);
  });

  it('goes from sigmaMax to 0 in a single step', () => {
    expect(logSchedule({ steps: 1, sigmaMax: 7 })).toEqual([7, 0]);
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => logSchedule({ steps: 2.5 })).toThrow(
      errorNaming('RangeError', 'logSchedule: steps', 'integer', '>= 1', 'got 2.5'),
    );
    expect(() => logSchedule({ steps: 5, sigmaMin: -1 })).toThrow(
      errorNaming('RangeError', 'logSchedule: sigmaMin', '> 0', 'got -1'),
    );
    expect(() => logSchedule({ steps: 5, sigmaMax: 2, sigmaMin: 2 })).toThrow(
      errorNaming('RangeError', 'logSchedule: sigmaMin', 'less than sigmaMax = 2', 'got 2'),
    );
  });
});
