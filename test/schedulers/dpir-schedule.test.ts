import { dpirSchedule } from 'spgd';
import { describe, expect, it } from 'vitest';

describe('dpirSchedule', () => {
  it('falls evenly in log sigma from 49 grey levels to the noise, in 8 steps, then to 0', () => {
    const schedule = dpirSchedule({ noiseStd: 0.02 });
    expect(schedule).toHaveLength(9);
    expect(schedule[0]).toBeCloseTo((49 / 255) * 2, 12);
    expect(schedule[7]).toBeCloseTo(0.02, 12);
    expect(schedule[8]).toBe(0);
    const ratios = schedule.slice(1, 8).map((sigma, i) => sigma / schedule[i]!);
    for (const ratio of ratios) expect(ratio).toBeCloseTo(ratios[0]!, 12);
  });

  it('takes other numbers of steps and another first level', () => {
    expect(dpirSchedule({ noiseStd: 0.1, steps: 3, sigmaMax: 0.4 })).toEqual([
      expect.closeTo(0.4, 12),
      expect.closeTo(0.2, 12),
      expect.closeTo(0.1, 12),
      0,
    ]);
  });

  it('is one step at the level of noise that is above the first level', () => {
    expect(dpirSchedule({ noiseStd: 0.5 })).toEqual([0.5, 0]);
    expect(dpirSchedule({ noiseStd: 0.1, steps: 1 })).toEqual([0.1, 0]);
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => dpirSchedule({ noiseStd: 0 })).toThrow(
      'dpirSchedule: noiseStd must be a number > 0, got 0',
    );
    expect(() => dpirSchedule({ noiseStd: 0.1, steps: 0 })).toThrow(
      'dpirSchedule: steps must be an integer >= 1, got 0',
    );
    expect(() => dpirSchedule({ noiseStd: 0.1, sigmaMax: -1 })).toThrow(
      'dpirSchedule: sigmaMax must be a number > 0, got -1',
    );
  });
});
