import type { Tile } from 'spgd';
import type { PhotoTask, Picture } from 'spgd/browser';
import astronaut from '../../../photos/astronaut.png?url';
import chelsea from '../../../photos/chelsea.png?url';
import coffee from '../../../photos/coffee.png?url';
import smallAstronaut from '../thumbnails/astronaut.webp?url';
import smallChelsea from '../thumbnails/chelsea.webp?url';
import smallCoffee from '../thumbnails/coffee.webp?url';
import { type Point, paintLine } from './mask';

/** A damaged photo, and what is known of its damage. */
export interface DamagedSample {
  readonly clean: Picture;
  readonly photo: Picture;
  readonly mask?: Uint8Array;
  /** The part to restore first. */
  readonly region?: Tile;
  readonly damage: {
    readonly task: PhotoTask;
    readonly noiseStd: number;
    readonly blurStd?: number;
  };
}

/** A photo of this package, and how it is damaged. */
export interface Sample {
  readonly title: string;
  readonly url: string;
  readonly small: string;
  damaged(clean: Picture): DamagedSample;
}

const copyOf = ({ width, height, values }: Picture): Picture => ({
  width,
  height,
  values: values.slice(),
});

/** Scratches, as shares of width and height. */
const scratches: readonly (readonly Point[])[] = [
  [
    { x: 0.12, y: 0.2 },
    { x: 0.3, y: 0.34 },
    { x: 0.42, y: 0.62 },
  ],
  [
    { x: 0.62, y: 0.12 },
    { x: 0.7, y: 0.3 },
  ],
];

function scratched(clean: Picture): DamagedSample {
  const photo = copyOf(clean);
  const { width, height } = photo;
  const drawn = { missing: new Uint8Array(width * height), width, height };
  const mask = { ...drawn, missing: new Uint8Array(width * height) };
  for (const line of scratches)
    for (const [i, point] of line.slice(1).entries()) {
      const [a, b] = [line[i]!, point].map(({ x, y }) => ({ x: x * width, y: y * height }));
      paintLine(drawn, [a!, b!], width / 240, 1);
      paintLine(mask, [a!, b!], width / 240 + 2, 1);
    }
  for (const [at, one] of drawn.missing.entries())
    if (one) photo.values.set([238, 232, 220], 4 * at);
  return { clean, photo, mask: mask.missing, damage: { task: 'repair', noiseStd: 0.01 } };
}

/** Normal numbers, the same at each call. */
function* normals(): Generator<number, never> {
  let state = 7;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 4294967297;
  };
  for (;;) {
    const [length, angle] = [Math.sqrt(-2 * Math.log(uniform())), 2 * Math.PI * uniform()];
    yield length * Math.cos(angle);
    yield length * Math.sin(angle);
  }
}

function noisy(clean: Picture, std: number): Picture {
  const photo = copyOf(clean);
  const random = normals();
  for (let at = 0; at < photo.values.length; at++)
    if (at % 4 < 3) photo.values[at] = photo.values[at]! + 127.5 * std * random.next().value;
  return photo;
}

/** A Gaussian blur with mirrored borders, along one axis. */
function blurredAlong({ width, height, values }: Picture, std: number, isDown: boolean): Picture {
  const radius = Math.ceil(4 * std);
  const taps = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * std ** 2)),
  );
  const sum = taps.reduce((a, b) => a + b);
  const mirrored = (at: number, end: number) => {
    const inside = at < 0 ? -at : at;
    return inside < end ? inside : 2 * end - 2 - inside;
  };
  const result = values.slice();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        let value = 0;
        for (let k = -radius; k <= radius; k++) {
          const row = isDown ? mirrored(y + k, height) : y;
          const column = isDown ? x : mirrored(x + k, width);
          value += taps[k + radius]! * values[4 * (row * width + column) + c]!;
        }
        result[4 * (y * width + x) + c] = value / sum;
      }
  return { width, height, values: result };
}

/** The samples of the page. */
export const samples: readonly Sample[] = [
  { title: 'A cup of coffee, scratched', url: coffee, small: smallCoffee, damaged: scratched },
  {
    title: 'Chelsea the cat, noisy',
    url: chelsea,
    small: smallChelsea,
    damaged: (clean) => ({
      clean,
      photo: noisy(clean, 0.25),
      damage: { task: 'denoise', noiseStd: 0.25 },
    }),
  },
  {
    title: 'Eileen Collins, out of focus',
    url: astronaut,
    small: smallAstronaut,
    damaged: (clean) => ({
      clean,
      photo: noisy(blurredAlong(blurredAlong(clean, 2, true), 2, false), 0.01),
      region: { top: 40, left: 152, height: 144, width: 144 },
      damage: { task: 'deblur', noiseStd: 0.01, blurStd: 2 },
    }),
  },
];

/** Peak signal-to-noise ratio of two pictures in dB, over their colours. */
export function decibels(a: Picture, b: Picture): number {
  let sum = 0;
  for (let at = 0; at < a.values.length; at++)
    if (at % 4 < 3) sum += (a.values[at]! - b.values[at]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / (a.width * a.height * 3)));
}
