import { describe, expect, it } from 'vitest';
import { vpSchedule } from '../../src/schedulers/vp-schedule';
import { elementwiseError } from '../support/close';
import { errorNaming } from '../support/error-naming';

const sigma = (t: number) => Math.sqrt(Math.exp((19.9 * t * t) / 2 + 0.1 * t) - 1);

describe('vpSchedule', () => {
  it('is evenly spaced in time from 1 to epsilon, then 0', () => {
    const expected = [sigma(1), sigma(0.7), sigma(0.4), sigma(0.1), 0];
    const schedule = vpSchedule({ steps: 4, epsilon: 0.1 });
    expect(elementwiseError(schedule, expected)).toBeLessThan(1e-12);
  });

  it('falls from 152 to 0.0105 where nothing is said', () => {
    const schedule = vpSchedule({ steps: 100 });
    expect(schedule).toHaveLength(101);
    expect(schedule[0]).toBeCloseTo(152.17, 2);
    expect(schedule[99]).toBeCloseTo(0.010486, 5);
    expect(schedule[100]).toBe(0);
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => vpSchedule({ steps: -1 })).toThrow(
      errorNaming('RangeError', 'vpSchedule: steps', 'integer', '>= 1', 'got -1'),
    );
    expect(() => vpSchedule({ steps: 5, betaD: 0 })).toThrow(
      errorNaming('RangeError', 'vpSchedule: betaD', '> 0', 'got 0'),
    );
    expect(() => vpSchedule({ steps: 5, epsilon: 1 })).toThrow(
      errorNaming('RangeError', 'vpSchedule: epsilon', '(0, 1)', 'got 1'),
    );
    expect(() => vpSchedule({ steps: 5, betaD: 2000 })).toThrow(
      errorNaming('RangeError', 'vpSchedule: schedule[0]', 'finite', 'got Infinity'),
    );
  });
});
