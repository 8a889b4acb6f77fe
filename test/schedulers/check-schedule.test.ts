import { describe, expect, it } from 'vitest';
import { checkSchedule } from '../../src/schedulers/check-schedule';
import { errorNaming } from '../support/error-naming';

describe('checkSchedule', () => {
  it.each([[[2, 1]], [[1, 0]], [[3, 2.5, 0.1, 0]]])('accepts %j', (schedule) => {
    expect(() => checkSchedule('test', schedule)).not.toThrow();
  });

  it('names the level, the rule and the value that broke it', () => {
    const check = (schedule: number[]) => () => checkSchedule('spgdSample', schedule);
    expect(check([])).toThrow(
      errorNaming('RangeError', 'spgdSample: schedule', 'at least 2', 'got []'),
    );
    expect(check([1])).toThrow(
      errorNaming('RangeError', 'spgdSample: schedule', 'at least 2', 'got [1]'),
    );
    expect(check([3, 2, 2, 0])).toThrow(
      errorNaming('RangeError', 'spgdSample: schedule[2]', 'less than 2', 'got 2'),
    );
    expect(check([1, 2])).toThrow(
      errorNaming('RangeError', 'spgdSample: schedule[1]', 'less than 1', 'got 2'),
    );
    expect(check([2, 0, 0])).toThrow(
      errorNaming('RangeError', 'spgdSample: schedule[1]', '> 0', 'got 0'),
    );
    expect(check([2, 1, -1])).toThrow(
      errorNaming('RangeError', 'spgdSample: schedule[2]', '>= 0', 'got -1'),
    );
    expect(check([Infinity, 1])).toThrow(
      errorNaming('RangeError', 'spgdSample: schedule[0]', 'finite', 'got Infinity'),
    );
    expect(check([2, NaN, 0])).toThrow(
      errorNaming('RangeError', 'spgdSample: schedule[1]', 'finite', 'got NaN'),
    );
  });
});
