import type { Tile } from 'spgd';
import { type DamageMap, regionsOf } from 'spgd/tasks';
import { expect, test } from 'vitest';

const options = { tile: 64, context: 16, largest: 128 };

function damaged(height: number, width: number, boxes: readonly Tile[]): DamageMap {
  const missing = new Uint8Array(height * width);
  for (const { top, left, height: h, width: w } of boxes)
    for (let row = top; row < top + h; row++)
      missing.fill(1, row * width + left, row * width + left + w);
  return { missing, height, width };
}

const box = (top: number, left: number, height: number, width: number): Tile => ({
  top,
  left,
  height,
  width,
});

const inside = (inner: Tile, outer: Tile) =>
  inner.top >= outer.top &&
  inner.left >= outer.left &&
  inner.top + inner.height <= outer.top + outer.height &&
  inner.left + inner.width <= outer.left + outer.width;

const cases: [string, DamageMap][] = [
  ['a speck', damaged(301, 407, [box(100, 200, 1, 1)])],
  ['specks far apart', damaged(301, 407, [box(0, 0, 3, 2), box(290, 400, 11, 7)])],
  ['a scratch from end to end', damaged(301, 407, [box(150, 0, 3, 407)])],
  ['a photo smaller than a tile', damaged(31, 37, [box(3, 3, 5, 30)])],
  ['everything', damaged(301, 407, [box(0, 0, 301, 407)])],
  [
    'a frame round a speck',
    damaged(301, 407, [box(40, 40, 2, 90), box(40, 40, 90, 2), box(80, 100, 4, 4)]),
  ],
];

test.each(cases)(
  '%s: each missing pixel is restored once, by a window of bounded size',
  (_, map) => {
    const written = new Uint8Array(map.missing.length);
    for (const { core, window } of regionsOf(map, options)) {
      expect(inside(core, window)).toBe(true);
      expect(inside(window, box(0, 0, map.height, map.width))).toBe(true);
      expect(window.height).toBeLessThanOrEqual(1.5 * options.largest);
      expect(window.width).toBeLessThanOrEqual(1.5 * options.largest);
      expect(window.height).toBeGreaterThanOrEqual(Math.min(map.height, options.tile));
      for (let row = core.top; row < core.top + core.height; row++)
        for (let column = core.left; column < core.left + core.width; column++)
          written[row * map.width + column] = 1;
    }
    for (const [at, missing] of map.missing.entries()) if (missing) expect(written[at]).toBe(1);
  },
);

test('damage that lies together is one region, damage far apart is two', () => {
  const near = damaged(300, 300, [box(100, 100, 4, 4), box(110, 110, 4, 4)]);
  const far = damaged(300, 300, [box(10, 10, 4, 4), box(210, 210, 4, 4)]);
  expect(regionsOf(near, options)).toHaveLength(1);
  expect(regionsOf(far, options)).toHaveLength(2);
  expect(regionsOf(damaged(300, 300, []), options)).toEqual([]);
});

test('a long slanting scratch is cut where its windows become smaller, a hole is not', () => {
  const [length, tile, context] = [600, 80, 24];
  const steps = Array.from({ length: length / 4 }, (_, i) => box(20 + 4 * i, 20 + 4 * i, 5, 5));
  const scratch = regionsOf(damaged(700, 700, steps), { tile, context, largest: 1024 });
  const pixels = scratch.reduce((sum, { window }) => sum + window.height * window.width, 0);
  expect(scratch.length).toBeGreaterThan(2);
  expect(pixels).toBeLessThan((length + 2 * context) ** 2 / 2);
  const hole = damaged(700, 700, [box(100, 100, 300, 400)]);
  expect(regionsOf(hole, { tile, context, largest: 1024 })).toEqual([
    { core: box(100, 100, 300, 400), window: box(25, 25, 450, 550) },
  ]);
});
