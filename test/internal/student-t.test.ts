import { describe, expect, it } from 'vitest';
import { studentT } from '../../src/internal/student-t';

describe('the quantiles of Student', () => {
  // Two-sided, from the tables of Abramowitz and Stegun (26.10).
  it.each([
    [0.9, 1, 6.314],
    [0.95, 2, 4.303],
    [0.9, 3, 2.353],
    [0.8, 4, 1.533],
    [0.9, 7, 1.895],
    [0.95, 8, 2.306],
    [0.5, 30, 0.683],
    [0.99, 10, 3.169],
  ])('hold the share %d at %d degrees of freedom', (level, freedom, expected) => {
    expect(studentT(level, freedom)).toBeCloseTo(expected, 3);
  });

  it('become those of the normal distribution', () => {
    expect(studentT(0.9, 100_000)).toBeCloseTo(1.645, 3);
  });
});
