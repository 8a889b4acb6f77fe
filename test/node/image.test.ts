import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp, { type Sharp } from 'sharp';
import { readImage, useBackend, writeImage } from 'spgd/node';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

let root: string;
const at = (name: string): string => join(root, name);

/** The message of what is thrown, with the folder of this test cut out. */
const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => `${error.name}: ${error.message.replaceAll(root, '<root>')}`,
  );

/** A picture from its numbers: `[height, width, channels]`, row by row. */
const picture = (
  [height, width, channels]: [number, number, 1 | 2 | 3 | 4],
  values: number[] | Uint16Array,
): Sharp =>
  sharp(values instanceof Uint16Array ? values : Uint8Array.from(values), {
    raw: { width, height, channels },
  });

/** The numbers of the image as they lie in an 8-bit file, not rounded. */
const levels = async (image: tf.Tensor4D): Promise<number[]> =>
  Array.from(await image.data(), (value) => (value + 1) * 127.5);

/** The same, rounded: for what passes a colour conversion. */
const bytes = async (image: tf.Tensor4D): Promise<number[]> =>
  (await levels(image)).map(Math.round);

const red = [255, 0, 0];
const blue = [0, 0, 255];

beforeAll(async () => {
  await useBackend('cpu');
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-images-'));
});

describe('writeImage, then readImage', () => {
  const onGrid = tf.tensor4d(
    Array.from({ length: 31 * 37 * 3 }, (_, i) => (i % 256) / 127.5 - 1),
    [1, 31, 37, 3],
  );

  test.each(['png', 'tiff', 'tif', 'PNG'])(
    'gives values of the 8-bit grid back exactly: %s',
    async (extension) => {
      await writeImage(at(`a.${extension}`), onGrid);
      const image = await readImage(at(`a.${extension}`));
      expect(image.shape).toEqual([1, 31, 37, 3]);
      expect(await image.data()).toEqual(await onGrid.data());
    },
  );

  test.each(['jpg', 'jpeg', 'webp'])(
    'comes close where the format loses something: %s',
    async (extension) => {
      const smooth = tf.tidy(() => {
        const ramp = tf.linspace(-1, 1, 31).reshape([1, 31, 1, 1]) as tf.Tensor4D;
        return tf.tile(ramp, [1, 1, 37, 3]);
      });
      await writeImage(at(`a.${extension}`), smooth);
      const image = await readImage(at(`a.${extension}`));
      expect(await tf.max(tf.abs(tf.sub(image, smooth))).array()).toBeLessThan(0.03);
    },
  );

  test('rounds to the nearest level, and neither stretches nor wraps', async () => {
    const values = [-7, -1.001, -0.5, 0.2, 0.2001, 1.4];
    await writeImage(at('a.png'), tf.tensor3d(values, [1, 2, 3]));
    const expected = [0, 0, 64, 153, 153, 255];
    expect(await bytes(await readImage(at('a.png')))).toEqual(expected);
    const raw = await sharp(at('a.png')).raw().toBuffer();
    expect([...raw]).toEqual(expected);
  });

  test('keeps one channel one channel', async () => {
    await writeImage(at('g.png'), tf.tensor4d([-1, 1], [1, 1, 2, 1]));
    expect((await sharp(at('g.png')).metadata()).space).toBe('b-w');
    const image = await readImage(at('g.png'), { grayscale: true });
    expect(image.shape).toEqual([1, 1, 2, 1]);
    expect(await bytes(image)).toEqual([0, 255]);
  });

  test('replaces an old file', async () => {
    await writeImage(at('a.png'), tf.zeros<tf.Rank.R4>([1, 5, 5, 3]));
    await writeImage(at('a.png'), tf.ones<tf.Rank.R4>([1, 2, 2, 3]));
    expect((await readImage(at('a.png'))).shape).toEqual([1, 2, 2, 3]);
    expect(await readdir(root)).toEqual(['a.png']);
  });

  test('keeps no tensor but the one it gives', async () => {
    const before = tf.memory().numTensors;
    await writeImage(at('a.png'), onGrid);
    const image = await readImage(at('a.png'), { size: [8, 9] });
    expect(tf.memory().numTensors).toBe(before + 1);
    image.dispose();
  });
});

describe('readImage', () => {
  test.each([
    [1, [red, blue]],
    [3, [blue, red]],
    [6, [red, blue]],
    [8, [blue, red]],
  ])('turns the image upright: EXIF orientation %i', async (orientation, pixels) => {
    const file = await picture([1, 2, 3], [...red, ...blue])
      .withMetadata({ orientation })
      .png()
      .toBuffer();
    const image = await readImage(file);
    expect(image.shape).toEqual(orientation > 4 ? [1, 2, 1, 3] : [1, 1, 2, 3]);
    expect(await bytes(image)).toEqual(pixels.flat());
  });

  test('lays what is transparent over white', async () => {
    const rgba = [10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 51];
    const image = await readImage(await picture([1, 3, 4], rgba).png().toBuffer());
    expect(await bytes(image)).toEqual([10, 20, 30, 255, 255, 255, 204, 204, 204]);
    const gray = await readImage(await picture([1, 2, 2], [9, 255, 9, 0]).png().toBuffer());
    expect(await bytes(gray)).toEqual([9, 9, 9, 255, 255, 255]);
  });

  test('converts to sRGB by the colour profile', async () => {
    const colour = [200, 50, 50, 60, 70, 180];
    const file = await picture([1, 2, 3], colour).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    const got = await bytes(await readImage(file));
    for (const [i, value] of got.entries())
      expect(Math.abs(value - colour[i]!)).toBeLessThanOrEqual(2);
    expect(Math.abs(stored[0]! - 200)).toBeGreaterThan(10);
  });

  test('gives gray 3 equal channels, or colour 1 when asked', async () => {
    const gray = await readImage(await picture([2, 1, 1], [7, 200]).png().toBuffer());
    expect(gray.shape).toEqual([1, 2, 1, 3]);
    expect(await levels(gray)).toEqual(
      await levels(
        tf.tensor4d(
          [7, 7, 7, 200, 200, 200].map((v) => v / 127.5 - 1),
          [1, 2, 1, 3],
        ),
      ),
    );
    const white = [255, 255, 255, 0, 0, 0, 90, 90, 90];
    const one = await readImage(await picture([1, 3, 3], white).png().toBuffer(), {
      grayscale: true,
    });
    expect(one.shape).toEqual([1, 1, 3, 1]);
    expect(await bytes(one)).toEqual([255, 0, 90]);
  });

  test('keeps the depth of 16 bits', async () => {
    const deep = Uint16Array.of(0, 1, 257, 32768, 65534, 65535);
    const file = await picture([1, 2, 3], deep).toColourspace('rgb16').png().toBuffer();
    const values = await (await readImage(file)).data();
    for (const [i, level] of deep.entries()) expect(values[i]).toBeCloseTo(level / 32767.5 - 1, 6);
    const gray = await picture([1, 2, 1], Uint16Array.of(1, 40001))
      .toColourspace('grey16')
      .png()
      .toBuffer();
    for (const grayscale of [true, false]) {
      const image = await readImage(gray, { grayscale });
      expect((await image.data())[0]).toBeCloseTo(1 / 32767.5 - 1, 6);
      expect((await image.data()).at(-1)).toBeCloseTo(40001 / 32767.5 - 1, 6);
    }
    const clear = Uint16Array.of(1000, 2000, 3000, 0, 1000, 2000, 3000, 65535);
    const alpha = await readImage(
      await picture([1, 2, 4], clear).toColourspace('rgb16').png().toBuffer(),
    );
    const expected = [65535, 65535, 65535, 1000, 2000, 3000];
    for (const [i, value] of (await alpha.data()).entries())
      expect(value).toBeCloseTo(expected[i]! / 32767.5 - 1, 6);
  });

  test('converts CMYK', async () => {
    const file = await picture([1, 2, 3], [...red, 255, 255, 255])
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(4);
    const [r, g, b, ...white] = await bytes(await readImage(file));
    expect(r).toBeGreaterThan(200);
    expect(Math.max(g!, b!)).toBeLessThan(60);
    expect(Math.min(...white)).toBeGreaterThan(240);
  });

  test('reads the first picture of an animation', async () => {
    const frame = (colour: number[]) => picture([1, 1, 3], colour).png().toBuffer();
    const frames = [await frame(red), await frame(blue)];
    const file = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(2);
    const image = await readImage(file);
    expect(image.shape).toEqual([1, 1, 1, 3]);
    expect(await bytes(image)).toEqual(red);
  });

  test('crops both sides alike for another shape, or stretches', async () => {
    const green = [0, 255, 0];
    const row = [...red, ...red, ...green, ...green, ...blue, ...blue];
    const file = await picture([2, 6, 3], [...row, ...row])
      .png()
      .toBuffer();
    const cover = await readImage(file, { size: [2, 2] });
    expect(await bytes(cover)).toEqual([green, green, green, green].flat());
    expect((await readImage(file, { size: [31, 37], fit: 'fill' })).shape).toEqual([1, 31, 37, 3]);
    const filled = await bytes(await readImage(file, { size: [1, 3], fit: 'fill' }));
    expect(filled[0]).toBeGreaterThan(150);
    expect(filled[8]).toBeGreaterThan(150);
  });

  test('names the file it cannot read, in one line with the remedy', async () => {
    await writeFile(at('notes.png'), 'just text');
    await writeFile(at('empty.png'), '');
    await mkdir(at('folder.png'));
    const whole = await picture(
      [8, 8, 3],
      Array.from({ length: 192 }, (_, i) => (i * 97) % 256),
    )
      .png()
      .toBuffer();
    await writeFile(at('cut.png'), whole.subarray(0, 120));
    const names = [
      'notes.png',
      'empty.png',
      'folder.png',
      'missing.png',
      'notes.png/x.png',
      'cut.png',
    ];
    const messages = [];
    for (const name of names) messages.push(await messageOf(readImage(at(name))));
    messages.push(await messageOf(readImage(whole, { maxPixels: 63 })));
    messages.push(await messageOf(readImage(new Uint8Array(0))));
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "InputError: readImage: cannot read <root>/notes.png: it is not an image; png, jpeg, webp, tiff, gif and avif are read
      InputError: readImage: cannot read <root>/empty.png: it is not an image; png, jpeg, webp, tiff, gif and avif are read
      InputError: readImage: cannot read <root>/folder.png: it is a folder
      InputError: readImage: cannot read <root>/missing.png: there is no such file
      InputError: readImage: cannot read <root>/notes.png/x.png: there is no such file
      InputError: readImage: cannot read <root>/cut.png: the image is damaged or not supported (vipspng: libpng read error)
      InputError: readImage: the bytes given must have at most maxPixels = 63 pixels, got 8 x 8; raise maxPixels or shrink the image
      InputError: readImage: cannot read the bytes given: it is not an image; png, jpeg, webp, tiff, gif and avif are read"
    `);
  });

  test('checks its options', async () => {
    const wrong = [{ size: [0, 5] }, { size: [4] }, { fit: 'contain' }, { maxPixels: 0.5 }];
    const messages = [];
    for (const options of wrong)
      messages.push(await messageOf(readImage('a.png', options as object)));
    messages.push(await messageOf(readImage(undefined as unknown as string)));
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "RangeError: readImage: size must be [height, width], integers >= 1, got [0, 5]
      RangeError: readImage: size must be [height, width], integers >= 1, got [4]
      RangeError: readImage: fit must be 'cover' or 'fill', got contain
      RangeError: readImage: maxPixels must be an integer >= 1, got 0.5
      TypeError: readImage: source must be a path or the bytes of a file, got undefined"
    `);
  });
});

describe('writeImage', () => {
  const one = tf.zeros<tf.Rank.R4>([1, 2, 2, 3]);

  test('refuses before any work what it cannot write', async () => {
    const wrong: [string, tf.Tensor][] = [
      ['a.bmp', one],
      ['png', one],
      ['no/folder/a.png', one],
      ['a.png', tf.zeros([2, 2, 2, 3])],
      ['a.png', tf.zeros([1, 2, 2, 4])],
      ['a.png', tf.zeros([2, 2])],
      ['a.png', tf.tensor3d([0, NaN, 0], [1, 1, 3])],
      ['a.png', tf.tensor3d([0, 0, Infinity], [1, 1, 3])],
    ];
    const messages = [];
    for (const [name, image] of wrong)
      messages.push(await messageOf(writeImage(at(name), image as tf.Tensor4D)));
    messages.push(await messageOf(writeImage(at('a.jpg'), one, { quality: 101 })));
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "RangeError: writeImage: path must be a file name that ends with .png, .jpg, .jpeg, .webp, .tif, .tiff, got <root>/a.bmp
      RangeError: writeImage: path must be a file name that ends with .png, .jpg, .jpeg, .webp, .tif, .tiff, got <root>/png
      InputError: writeImage: cannot write <root>/no/folder/a.png: there is no folder <root>/no/folder; make it first
      RangeError: writeImage: image.shape must be [1, height, width, channels] or [height, width, channels] with 1 or 3 channels, got [2, 2, 2, 3]
      RangeError: writeImage: image.shape must be [1, height, width, channels] or [height, width, channels] with 1 or 3 channels, got [1, 2, 2, 4]
      RangeError: writeImage: image.shape must be [1, height, width, channels] or [height, width, channels] with 1 or 3 channels, got [2, 2]
      RangeError: writeImage: image must be finite numbers, got NaN at position 1
      RangeError: writeImage: image must be finite numbers, got Infinity at position 2
      RangeError: writeImage: quality must be at most 100, got 101"
    `);
    expect(await readdir(root)).toEqual([]);
  });

  test('says in one line why the disk refused, and leaves nothing', async () => {
    await mkdir(at('folder.png'));
    expect(await messageOf(writeImage(at('folder.png'), one))).toMatchInlineSnapshot(
      `"Error: writeImage: cannot write <root>/folder.png: it is a folder"`,
    );
    expect(await readdir(root)).toEqual(['folder.png']);
  });

  test('takes a lower quality for a smaller file', async () => {
    const noise = tf.randomUniform<tf.Rank.R4>([1, 64, 64, 3], -1, 1, 'float32', 1);
    await writeImage(at('a.jpg'), noise);
    await writeImage(at('b.jpg'), noise, { quality: 20 });
    const [high, low] = [await readFile(at('a.jpg')), await readFile(at('b.jpg'))];
    expect(low.length).toBeLessThan(high.length / 2);
  });
});
