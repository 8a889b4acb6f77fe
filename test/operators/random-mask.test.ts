import { describe, expect, it } from 'vitest';
import { type RandomMaskOptions, randomMask } from '../../src/operators/random-mask';
import { useTestBackend } from '../support/backend';
import { errorNaming } from '../support/error-naming';

function values(options: RandomMaskOptions): number[] {
  const mask = randomMask(options);
  const read = Array.from(mask.dataSync());
  mask.dispose();
  return read;
}

const missingOf = (mask: number[]) => mask.filter((value) => value === 0).length;

describe('randomMask', () => {
  useTestBackend('cpu');

  it.each([0, 0.33, 0.8, 1])('drops exactly round(%d * height * width) pixels', (missing) => {
    const mask = values({ height: 31, width: 37, missing, seed: 5 });
    expect(missingOf(mask)).toBe(Math.round(missing * 31 * 37));
    expect(new Set([...mask, 0, 1]).size).toBe(2);
  });

  it('drops 80 % where nothing is said', () => {
    expect(missingOf(values({ height: 10, width: 10 }))).toBe(80);
  });

  it('depends on its seed only, and 0 is a seed like any other', () => {
    const mask = (seed: number) => values({ height: 16, width: 16, seed });
    expect(mask(0)).toEqual(mask(0));
    expect(mask(0)).not.toEqual(mask(1));
  });

  it('drops every pixel as often as any other', () => {
    const counts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++)
      values({ height: 4, width: 5, missing: 0.5, seed }).forEach((value, pixel) => {
        counts[pixel]! += 1 - value;
      });
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(110);
  });

  it('drops pixels of its own in each channel, where asked to', () => {
    const mask = values({ height: 8, width: 8, missing: 0.5, channels: 2, seed: 2 });
    const channel = (c: number) => mask.filter((_, i) => i % 2 === c);
    expect([missingOf(channel(0)), missingOf(channel(1))]).toEqual([32, 32]);
    expect(channel(0)).not.toEqual(channel(1));
  });

  it('names the option, the rule and the value that broke it', () => {
    const options = { height: 4, width: 5 };
    expect(() => randomMask({ ...options, missing: 80 })).toThrow(
      errorNaming('RangeError', 'randomMask: missing', '[0, 1]', 'got 80'),
    );
    expect(() => randomMask({ ...options, width: 1.5 })).toThrow(
      errorNaming('RangeError', 'randomMask: width', 'integer', '>= 1', 'got 1.5'),
    );
    expect(() => randomMask({ ...options, seed: NaN })).toThrow(
      errorNaming('RangeError', 'randomMask: seed', 'integer', 'got NaN'),
    );
  });
});
