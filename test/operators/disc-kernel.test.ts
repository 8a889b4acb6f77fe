import { describe, expect, it } from 'vitest';
import { discKernel } from '../../src/operators/disc-kernel';
import { errorNaming } from '../support/error-naming';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('discKernel', () => {
  it.each([0.2, 0.5, 1, 2.7, 6])(
    'has sum 1 and the symmetries of a disc of radius %d',
    (radius) => {
      const kernel = discKernel(radius);
      expect(sum(kernel.flat())).toBeCloseTo(1, 12);
      expect(Math.min(...kernel.flat())).toBeGreaterThanOrEqual(0);
      const flipped = kernel.map((row) => [...row].reverse());
      const turned = kernel[0]!.map((_, column) => kernel.map((row) => row[column]!));
      expect(flipped).toEqual(kernel);
      expect(turned).toEqual(kernel);
    },
  );

  it('has the row sums of a disc in closed form, at radii between whole numbers too', () => {
    for (const radius of [0.8, 1.5, 2.3, 4.1, 8.6]) {
      const kernel = discKernel(radius);
      const middle = kernel.length >> 1;
      // The share of a disc that lies below a line.
      const below = (y: number) => {
        const t = Math.min(1, Math.max(-1, y / radius));
        return 0.5 + (t * Math.sqrt(1 - t * t) + Math.asin(t)) / Math.PI;
      };
      for (const [k, row] of kernel.entries()) {
        const strip = below(k - middle + 0.5) - below(k - middle - 0.5);
        expect(Math.abs(sum(row) - strip)).toBeLessThan(2e-3);
      }
    }
  });

  it('changes little where its radius changes little', () => {
    const [a, b] = [discKernel(3.4), discKernel(3.41)].map((kernel) => kernel.flat());
    expect(a!.length).toBe(b!.length);
    expect(Math.max(...a!.map((value, i) => Math.abs(value - b![i]!)))).toBeLessThan(1e-3);
  });

  it('names the radius that is out of range', () => {
    for (const radius of [0, Number.NaN, 501])
      expect(() => discKernel(radius)).toThrow(
        errorNaming('RangeError', 'discKernel: radius', 'in (0, 500]', `got ${radius}`),
      );
  });
});
