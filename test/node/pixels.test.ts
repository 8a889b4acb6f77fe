import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { lostIn, type Pixels, readPixels, writePixels } from 'spgd/node';
import { beforeAll, expect, test } from 'vitest';
import { exifFor } from '../../src/node/exif';

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

const gps = { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' };

test.each(['.png', '.jpg', '.webp'])(
  'profile and EXIF come back from %s, upright and without the place unless it is kept',
  async (extension) => {
    const { values } = noise(3, 255);
    const photo = await sharp(values, { raw: { width: 37, height: 31, channels: 3 } })
      .withIccProfile('p3')
      .withMetadata({ orientation: 6, icc: 'p3' })
      .withExif({ IFD0: { Make: 'Camera' }, IFD3: gps })
      .png()
      .toBuffer();
    const pixels = await readPixels(photo, { colours: 'file' });
    expect(pixels.shape).toEqual([37, 31, 3]);
    for (const keepGps of [true, false]) {
      const path = join(root, `exif-${keepGps}${extension}`);
      await writePixels(path, pixels, { keepGps });
      const { icc, exif, orientation } = await sharp(path).metadata();
      expect(icc).toEqual((await sharp(photo).metadata()).icc);
      expect(orientation).toBe(1);
      expect(exif!.includes('Camera')).toBe(true);
      expect(exif!.includes(Buffer.from('2588', 'hex'))).toBe(keepGps);
    }
    if (extension !== '.png') return;
    const back = await readPixels(join(root, 'exif-false.png'), { colours: 'file' });
    expect(Buffer.compare(Buffer.from(back.values), Buffer.from(pixels.values))).toBe(0);
  },
);

test('EXIF that is cut short anywhere, or points outside, is left out or read without harm', async () => {
  const photo = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#888' } })
    .withExif({ IFD0: { Make: 'Camera' }, IFD3: gps })
    .jpeg()
    .toBuffer();
  const { exif } = await sharp(photo).metadata();
  for (let end = 0; end < exif!.length; end++) exifFor(exif!.subarray(0, end), { keepGps: false });
  for (let at = 0; at < exif!.length; at++) {
    const changed = Uint8Array.from(exif!);
    changed[at] = 255;
    const kept = exifFor(changed, { keepGps: false });
    expect(kept === undefined || kept.length <= exif!.length).toBe(true);
  }
  expect(exifFor(exif!, { keepGps: false })).toHaveLength(exif!.length - 6);
});

test("'file' keeps one channel and the numbers of a profile; by default both become sRGB", async () => {
  const gray = await sharp(Uint8Array.of(1, 50, 200, 255), {
    raw: { width: 2, height: 2, channels: 1 },
  })
    .toColourspace('b-w')
    .png()
    .toBuffer();
  const kept = await readPixels(gray, { colours: 'file' });
  expect([kept.shape, [...kept.values]]).toEqual([
    [2, 2, 1],
    [1, 50, 200, 255],
  ]);
  expect((await readPixels(gray)).shape).toEqual([2, 2, 3]);
  const numbers = Uint8Array.of(200, 30, 30);
  const wide = await sharp(numbers, { raw: { width: 1, height: 1, channels: 3 } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
  expect([...(await readPixels(wide, { colours: 'file' })).values]).toEqual([...stored]);
  const converted = (await readPixels(wide)).values;
  for (const [i, level] of numbers.entries())
    expect(Math.abs(converted[i]! - level)).toBeLessThan(3);
});

test('says what a format cannot hold', () => {
  const deep = { ...noise(4, 65535), file: { format: 'png', pages: 1, isCmyk: false } };
  expect(lostIn('a.png', deep)).toEqual([]);
  expect(lostIn('a.jpg', deep)).toEqual(['holds nothing transparent', 'holds 8 bits, not 16']);
  expect(lostIn('a.webp', deep)).toEqual(['holds 8 bits, not 16']);
  const exif = { ...deep, file: { ...deep.file, exif: new Uint8Array(9) } };
  expect(lostIn('a.tif', exif)).toEqual(['is written without EXIF']);
});
