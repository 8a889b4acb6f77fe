import { describe, expect, it } from 'vitest';
import { type BoxMaskOptions, boxMask } from '../../src/operators/box-mask';
import { useTestBackend } from '../support/backend';
import { errorNaming } from '../support/error-naming';

/** The mask as lines of 0 and 1. */
function lines(options: BoxMaskOptions): string[] {
  const mask = boxMask(options);
  const values = Array.from(mask.dataSync());
  mask.dispose();
  return Array.from({ length: options.height }, (_, row) =>
    values.slice(row * options.width, (row + 1) * options.width).join(''),
  );
}

describe('boxMask', () => {
  useTestBackend('cpu');

  it('hides the box at the place given', () => {
    expect(lines({ height: 4, width: 5, boxHeight: 2, boxWidth: 3, top: 2, left: 1 })).toEqual([
      '11111',
      '11111',
      '10001',
      '10001',
    ]);
  });

  it('hides the middle where no place is given', () => {
    expect(lines({ height: 4, width: 6, boxHeight: 2, boxWidth: 2 })).toEqual([
      '111111',
      '110011',
      '110011',
      '111111',
    ]);
  });

  it('draws a place that keeps the margin, and the same one for the same seed', () => {
    const options = { height: 12, width: 15, boxHeight: 4, boxWidth: 5, margin: 2 };
    const places = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const mask = lines({ ...options, seed });
      const top = mask.findIndex((line) => line.includes('0'));
      const left = mask[top]!.indexOf('0');
      expect(mask.join('').replaceAll('1', '')).toHaveLength(20);
      expect(top).toBeGreaterThanOrEqual(2);
      expect(top + 4).toBeLessThanOrEqual(10);
      expect(left).toBeGreaterThanOrEqual(2);
      expect(left + 5).toBeLessThanOrEqual(13);
      places.add(`${top} ${left}`);
    }
    expect(places.size).toBeGreaterThan(20);
    expect(lines({ ...options, seed: 0 })).toEqual(lines({ ...options, seed: 0 }));
  });

  it('names the option, the rule and the value that broke it', () => {
    const options = { height: 4, width: 5, boxHeight: 2, boxWidth: 3 };
    expect(() => boxMask({ ...options, boxWidth: 6 })).toThrow(
      errorNaming('RangeError', 'boxMask: boxWidth', 'at most 5', 'got 6'),
    );
    expect(() => boxMask({ ...options, top: 3 })).toThrow(
      errorNaming('RangeError', 'boxMask: top', 'integer', '[0, 2]', 'got 3'),
    );
    expect(() => boxMask({ ...options, height: 0 })).toThrow(
      errorNaming('RangeError', 'boxMask: height', 'integer', '>= 1', 'got 0'),
    );
    expect(() => boxMask({ ...options, margin: 2, seed: 1 })).toThrow(
      errorNaming('RangeError', 'boxMask: boxHeight', 'at most 4 - 2 * margin', 'got 2'),
    );
  });
});
