import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Pixels, readPixels, writePixels } from 'spgd/node';
import { beforeAll, expect, test } from 'vitest';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-pixels-'));
});

const noise = (channels: number, white: number): Pixels => {
  const count = 31 * 37 * channels;
  const values = white > 255 ? new Uint16Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = (i * 7919 + (i % 13) * 1009) % (white + 1);
  return { values, shape: [31, 37, channels], white };
};

test.each([
  [1, 255, '.png'],
  [3, 255, '.png'],
  [4, 255, '.png'],
  [3, 255, '.tiff'],
  [1, 65535, '.png'],
  [3, 65535, '.png'],
  [4, 65535, '.png'],
  [3, 65535, '.tiff'],
])('%d channels up to %d come back from %s to the bit', async (channels, white, extension) => {
  const path = join(root, `${channels}-${white}${extension}`);
  const pixels = noise(channels, white);
  await writePixels(path, pixels);
  const back = await readPixels(path, { grayscale: channels < 3 });
  expect(back.shape).toEqual(pixels.shape);
  expect(back.white).toBe(white);
  expect(Buffer.compare(Buffer.from(back.values), Buffer.from(pixels.values))).toBe(0);
});

test('jpg and webp take 8 bits of them', async () => {
  for (const name of ['a.jpg', 'a.webp']) {
    const path = join(root, name);
    await writePixels(path, noise(4, 65535));
    expect(await sharp(path).metadata()).toMatchObject({ width: 37, height: 31, depth: 'uchar' });
  }
});
