import { describe, expect, it } from 'vitest';
import { checkSchedule } from '../../src/schedulers/check-schedule';

describe('checkSchedule', () => {
  it.each([[[2, 1]], [[1, 0]], [[3, 2.5, 0.1, 0]]])('accepts %j', (schedule) => {
    expect(() => checkSchedule('test', schedule)).not.toThrow();
  });

  it('names the level, the rule and the value that broke it', () => {
    const check = (schedule: number[]) => () => checkSchedule('spgdSample', schedule);
    expect(check([])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: spgdSample: schedule must be a list of at least 2 noise levels, got []]`,
    );
    expect(check([1])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: spgdSample: schedule must be a list of at least 2 noise levels, got [1]]`,
    );
    expect(check([3, 2, 2, 0])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: spgdSample: schedule[2] must be less than 2, got 2]`,
    );
    expect(check([1, 2])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: spgdSample: schedule[1] must be less than 1, got 2]`,
    );
    expect(check([2, 0, 0])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: spgdSample: schedule[1] must be > 0, got 0]`,
    );
    expect(check([2, 1, -1])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: spgdSample: schedule[2] must be >= 0, got -1]`,
    );
    expect(check([Infinity, 1])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: spgdSample: schedule[0] must be finite, got Infinity]`,
    );
    expect(check([2, NaN, 0])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: spgdSample: schedule[1] must be finite, got NaN]`,
    );
  });
});
