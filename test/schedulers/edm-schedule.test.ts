import { describe, expect, it } from 'vitest';
import { edmSchedule } from '../../src/schedulers/edm-schedule';
import { elementwiseError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { againstReferences } from '../support/references';

interface ReleasedSchedule {
  config: { num_steps: number; sigma_max: number; sigma_min: number };
  sigma_steps: number[];
}

describe('edmSchedule', () => {
  againstReferences('beside the released code', (reference) => {
    it('gives its noise levels', () => {
      const released = reference.json<ReleasedSchedule[]>('schedules.json');
      expect(released.length).toBeGreaterThan(2);
      for (const { config, sigma_steps } of released) {
        const { num_steps: steps, sigma_max: sigmaMax, sigma_min: sigmaMin } = config;
        const schedule = edmSchedule({ steps, sigmaMax, sigmaMin });
        expect(elementwiseError(schedule, sigma_steps)).toBeLessThan(1e-6);
      }
    });
  });

  it('runs from 100 to 0.1 and then 0 where nothing is said', () => {
    const schedule = edmSchedule({ steps: 3 });
    // ((100^(1/7) + 0.1^(1/7)) / 2)^7
    const middle = ((100 ** (1 / 7) + 0.1 ** (1 / 7)) / 2) ** 7;
    expect(elementwiseError(schedule, [100, middle, 0.1, 0])).toBeLessThan(1e-12);
  });

  it('is evenly spaced at rho 1', () => {
    const schedule = edmSchedule({ steps: 4, sigmaMax: 4, sigmaMin: 1, rho: 1 });
    expect(schedule).toEqual([4, 3, 2, 1, 0]);
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => edmSchedule({ steps: 0 })).toThrow(
      errorNaming('RangeError', 'edmSchedule: steps', 'integer', '>= 1', 'got 0'),
    );
    expect(() => edmSchedule({ steps: 5, sigmaMin: 0 })).toThrow(
      errorNaming('RangeError', 'edmSchedule: sigmaMin', '> 0', 'got 0'),
    );
    expect(() => edmSchedule({ steps: 5, sigmaMax: NaN })).toThrow(
      errorNaming('RangeError', 'edmSchedule: sigmaMax', '> 0', 'got NaN'),
    );
    expect(() => edmSchedule({ steps: 5, rho: -7 })).toThrow(
      errorNaming('RangeError', 'edmSchedule: rho', '> 0', 'got -7'),
    );
    expect(() => edmSchedule({ steps: 5, sigmaMax: 1, sigmaMin: 2 })).toThrow(
      errorNaming('RangeError', 'edmSchedule: sigmaMin', 'less than sigmaMax = 1', 'got 2'),
    );
  });
});
