import { describe, expect, it } from 'vitest';
import { motionKernel } from '../../src/operators/motion-kernel';
import { errorNaming } from '../support/error-naming';

const sum = (kernel: number[][]) => kernel.flat().reduce((total, value) => total + value, 0);

describe('motionKernel', () => {
  it.each([
    [3, 0.5],
    [9, 0],
    [31, 1],
    [61, 0.5],
  ])('is [%i, k], non-negative, of sum 1, at intensity %d', (kernelSize, intensity) => {
    for (let seed = 0; seed < 20; seed++) {
      const kernel = motionKernel({ kernelSize, intensity, seed });
      expect(kernel.map((row) => row.length)).toEqual(new Array(kernelSize).fill(kernelSize));
      expect(Math.min(...kernel.flat())).toBeGreaterThanOrEqual(0);
      expect(sum(kernel)).toBeCloseTo(1, 9);
    }
  });

  it('depends on its seed only, and 0 is a seed like any other', () => {
    const kernel = (seed: number) => motionKernel({ kernelSize: 15, seed });
    expect(kernel(0)).toEqual(kernel(0));
    expect(kernel(0)).toEqual(motionKernel({ kernelSize: 15 }));
    expect(kernel(0)).not.toEqual(kernel(1));
  });

  it('spreads wider than a pixel, and is centred', () => {
    for (let seed = 0; seed < 10; seed++) {
      const kernel = motionKernel({ kernelSize: 61, seed });
      const used = kernel.flatMap((row, y) => (row.some((value) => value > 0) ? [y] : []));
      expect(kernel.flat().filter((value) => value > 0).length).toBeGreaterThan(15);
      expect(Math.abs(used[0]! + used.at(-1)! - 60)).toBeLessThanOrEqual(1);
    }
  });

  it('draws a straight line at intensity 0', () => {
    const kernel = motionKernel({ kernelSize: 31, intensity: 0, seed: 2 });
    const points = kernel.flatMap((row, y) => row.map((weight, x) => ({ x, y, weight })));
    const mean = (of: (point: (typeof points)[number]) => number) =>
      points.reduce((total, point) => total + point.weight * of(point), 0);
    const [cx, cy] = [mean(({ x }) => x), mean(({ y }) => y)];
    const xx = mean(({ x }) => (x - cx) ** 2);
    const yy = mean(({ y }) => (y - cy) ** 2);
    const xy = mean(({ x, y }) => (x - cx) * (y - cy));
    const acrossVariance = (xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy);
    expect(acrossVariance).toBeLessThan(0.3);
    expect(xx + yy).toBeGreaterThan(3);
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => motionKernel({ kernelSize: 4 })).toThrow(
      errorNaming('RangeError', 'motionKernel: kernelSize', 'odd', 'integer', '>= 3', 'got 4'),
    );
    expect(() => motionKernel({ kernelSize: 5, intensity: 1.5 })).toThrow(
      errorNaming('RangeError', 'motionKernel: intensity', '[0, 1]', 'got 1.5'),
    );
    expect(() => motionKernel({ kernelSize: 5, seed: 0.5 })).toThrow(
      errorNaming('RangeError', 'motionKernel: seed', 'integer', 'got 0.5'),
    );
  });
});
