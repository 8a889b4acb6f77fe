import type { Tile } from 'spgd';
import { describe, expect, test } from 'vitest';
import { type BlockOptions, blocksOf, rampOf } from '../../src/tasks/blocks';

const cases: [string, [number, number], BlockOptions][] = [
  ['a photo smaller than a block', [31, 37], { largest: 64, margin: 8 }],
  ['a photo of several blocks', [310, 370], { largest: 128, margin: 16 }],
  ['blocks at multiples of 4', [308, 372], { largest: 101, margin: 17, multipleOf: 4 }],
  ['blocks of one pixel', [3, 5], { largest: 1, margin: 1 }],
];

const inside = (inner: Tile, outer: Tile) =>
  inner.top >= outer.top &&
  inner.left >= outer.left &&
  inner.top + inner.height <= outer.top + outer.height &&
  inner.left + inner.width <= outer.left + outer.width;

describe.each(cases)('%s', (_, [height, width], options) => {
  const blocks = blocksOf([height, width], options);
  const { largest, margin, multipleOf = 1 } = options;

  test('every pixel lies in exactly one core', () => {
    const count = new Uint8Array(height * width);
    for (const { core } of blocks)
      for (let y = core.top; y < core.top + core.height; y++)
        for (let x = core.left; x < core.left + core.width; x++) count[y * width + x]!++;
    expect(count.every((one) => one === 1)).toBe(true);
  });

  test('a window holds its core with the margin, inside the photo', () => {
    for (const { core, window } of blocks) {
      expect(inside(window, { top: 0, left: 0, height, width })).toBe(true);
      expect(core.top - window.top).toBeGreaterThanOrEqual(Math.min(margin, core.top));
      expect(core.left - window.left).toBeGreaterThanOrEqual(Math.min(margin, core.left));
      const below = window.top + window.height - core.top - core.height;
      expect(below).toBeGreaterThanOrEqual(Math.min(margin, height - core.top - core.height));
    }
  });

  test('no core is larger than asked for, and edges lie at multiples', () => {
    for (const { core, window } of blocks) {
      expect(core.height).toBeLessThanOrEqual(largest + multipleOf);
      expect(core.width).toBeLessThanOrEqual(largest + multipleOf);
      for (const { top, left } of [core, window])
        expect([top % multipleOf, left % multipleOf]).toEqual([0, 0]);
    }
  });

  test('pasted in order with a ramp, blocks that agree give the photo', () => {
    const photo = new Float64Array(height * width);
    for (const block of blocks) {
      const weight = rampOf(block, 8);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const w = weight(y, x);
          if (w > 0)
            expect(inside({ top: y, left: x, height: 1, width: 1 }, block.window)).toBe(true);
          photo[y * width + x] = (1 - w) * photo[y * width + x]! + w * (y + 2 * x);
        }
    }
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) expect(photo[y * width + x]).toBeCloseTo(y + 2 * x, 9);
  });
});
