import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, expect, test, vi } from 'vitest';
import { run } from '../../../src/cli/run';

const [height, width] = [71, 93];
let root: string;

/** A smooth picture with an edge; noise that the channels share fully, and its PSNR. */
const clean = Float64Array.from({ length: height * width }, (_, i) => {
  const [row, column] = [Math.floor(i / width), i % width];
  return 120 + 50 * Math.sin(row / 11) + (column > 40 + row / 4 ? 40 : -40);
});

/** Numbers of a normal distribution, the same at each call. */
function* normals(): Generator<number> {
  let state = 12345;
  const uniform = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state + 0.5) / 2147483648;
  };
  for (;;) yield Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

async function psnrOf(path: string): Promise<number> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  const square = data.reduce(
    (sum, level, i) => sum + (level - clean[Math.floor(i / info.channels)]!) ** 2,
    0,
  );
  return 10 * Math.log10(255 ** 2 / (square / data.length));
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-shared-'));
});

test.each([
  ['one channel', 1, (file: Sharp) => file.png(), 'noisy.png'],
  ['three equal channels', 3, (file: Sharp) => file.png(), 'equal.png'],
  ['a JPEG in grey', 1, (file: Sharp) => file.jpeg({ quality: 95 }), 'noisy.jpg'],
] as const)('noise is removed from a grey photo: %s', async (_, channels, encode, name) => {
  const normal = normals();
  const noisy = Array.from(clean, (level) => level + 20 * normal.next().value!);
  const levels = Uint8ClampedArray.from({ length: noisy.length * channels }, (_, i) =>
    Math.round(noisy[Math.floor(i / channels)]!),
  );
  const file = sharp(levels, { raw: { height, width, channels } });
  await encode(channels === 1 ? file.toColourspace('b-w') : file).toFile(join(root, name));
  const out = join(root, `restored-${name}.png`);
  const spy = vi.spyOn(console, 'log').mockImplementation(() => {});
  const args = ['--task', 'denoising', '--model', 'light', '--backend', 'wasm', '--workers', '1'];
  expect(await run(['restore', join(root, name), ...args, '--out', out])).toBe(0);
  spy.mockRestore();
  expect((await sharp(out).metadata()).channels).toBe(channels);
  // Seen as independent noise of colours, it would get 3 dB better.
  expect((await psnrOf(out)) - (await psnrOf(join(root, name)))).toBeGreaterThan(7);
});
