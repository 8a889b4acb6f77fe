import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { type JpegFile, jpeg, jpegInfo, jpegMeasurement, readJpeg, standardTables } from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../../support/backend';
import { maxError } from '../../support/close';

const [height, width] = [45, 71];
const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/jpeg/${name}.jpg`, import.meta.url)));

/** Smooth colours with an edge and some texture, 8 bits. */
const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
  const [channel, pixel] = [i % 3, Math.floor(i / 3)];
  const [y, x] = [Math.floor(pixel / width), pixel % width];
  const wave = 60 * Math.sin(0.11 * x + channel) + 40 * Math.cos(0.17 * y - channel);
  return Math.round(120 + wave + (x > 40 ? 20 : 0) + ((x * y) % 7));
});

type Chroma = '4:4:4' | '4:2:0';

const written = async (chromaSubsampling: Chroma, quality: number, progressive = false) =>
  new Uint8Array(
    await sharp(pixels, { raw: { height, width, channels: 3 } })
      .jpeg({ quality, chromaSubsampling, progressive })
      .toBuffer(),
  );

/** The image of a decoder in [-1, 1]. */
const decoded = async (bytes: Uint8Array) => {
  const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return tf.tensor4d(
    Float32Array.from(data, (level) => level / 127.5 - 1),
    [1, height, width, 3],
  );
};

/** The clean image, its border repeated to whole cells of 16. */
const clean = () =>
  tf.tidy(() => {
    const [rows, columns] = [48, 80];
    const values = Float32Array.from({ length: rows * columns * 3 }, (_, i) => {
      const [channel, pixel] = [i % 3, Math.floor(i / 3)];
      const y = Math.min(height - 1, Math.floor(pixel / columns));
      const x = Math.min(width - 1, pixel % columns);
      return pixels[(y * width + x) * 3 + channel]! / 127.5 - 1;
    });
    return tf.tensor4d(values, [1, rows, columns, 3]);
  });

const coefficients = (file: JpegFile) => file.planes.map((plane) => [...plane.coefficients]);

describe('readJpeg', () => {
  useTestBackend('cpu');

  it.each([
    ['4:4:4', 50],
    ['4:4:4', 90],
    ['4:2:0', 30],
  ] as const)(
    'finds the coefficients that the operator predicts, %s at quality %i',
    async (subsampling, quality) => {
      const file = await readJpeg(await written(subsampling, quality));
      const operator = jpeg(file);
      expect(file).toMatchObject({ height, width, subsampling, isGrey: false });
      expect(Math.abs(file.quality - quality)).toBeLessThanOrEqual(1);
      const [luma, chroma] = standardTables(quality);
      expect(file.tables).toEqual([luma, chroma, chroma]);
      const y = jpegMeasurement(file);
      // Whole blocks of the image: what encoders put into the padding is their own affair.
      const whole = (values: tf.Tensor4D) => tf.slice(values, [0, 0, 0, 0], [1, 2, 4, -1]);
      const predicted = whole(operator.forward(clean()));
      const error = tf.abs(tf.sub(predicted, whole(y))).dataSync();
      // The encoder rounds Y, Cb and Cr first, so that some coefficients fall to the next step.
      const outside = error.filter((one) => one > Math.sqrt(3)).length;
      expect(outside / error.length).toBeLessThan(quality === 90 ? 0.12 : 0.03);
      expect(Math.max(...error)).toBeLessThan(Math.sqrt(12) * (quality === 90 ? 1.1 : 0.8));
    },
  );

  it.each([
    ['4:4:4', 60],
    ['4:4:4', 97],
    ['4:2:0', 60],
  ] as const)('has the pixels of libjpeg, %s at quality %i', async (subsampling, quality) => {
    const bytes = await written(subsampling, quality);
    const file = await readJpeg(bytes);
    const own = tf.tidy(() => {
      const picture = jpeg(file).decode(jpegMeasurement(file));
      return tf.clipByValue(tf.slice(picture, [0, 0, 0, 0], [1, height, width, 3]), -1, 1);
    });
    // Two or three grey levels: libjpeg rounds Y, Cb and Cr, then R, G and B.
    expect(maxError(own, await decoded(bytes))).toBeLessThan(2.6 / 127.5);
  });

  it.each(['4:4:4', '4:2:0'] as const)(
    'finds the same in a progressive file, %s',
    async (subsampling) => {
      const plain = await readJpeg(await written(subsampling, 80));
      const progressive = await readJpeg(await written(subsampling, 80, true));
      // Progressive scans leave out the blocks of the padding.
      const shown = (file: JpegFile) =>
        file.planes.map(({ coefficients, stride, blocks: [down, across] }) =>
          Array.from({ length: down }, (_, row) =>
            Array.from(coefficients.subarray(64 * row * stride, 64 * (row * stride + across))),
          ),
        );
      expect(shown(progressive)).toEqual(shown(plain));
    },
  );

  it('reads restart markers, and grey files as colours that are 0', async () => {
    expect(coefficients(await readJpeg(fixture('restart')))).toEqual(
      coefficients(await readJpeg(fixture('plain'))),
    );
    const grey = await sharp(pixels, { raw: { height, width, channels: 3 } })
      .toColourspace('b-w')
      .jpeg({ quality: 50 })
      .toBuffer();
    const file = await readJpeg(new Uint8Array(grey));
    expect(file).toMatchObject({ isGrey: true, subsampling: '4:4:4', quality: 50 });
    tf.tidy(() => {
      const y = jpegMeasurement(file);
      expect(y.shape).toEqual([1, 6, 9, 192]);
      expect(tf.max(tf.abs(tf.slice(y, [0, 0, 0, 64], [-1, -1, -1, 128]))).dataSync()[0]).toBe(0);
      const picture = jpeg(file).decode(y);
      expect(maxError(tf.max(picture, 3), tf.min(picture, 3))).toBeLessThan(1e-5);
    });
  });

  it('takes a part of the cells', async () => {
    const file = await readJpeg(await written('4:2:0', 40));
    tf.tidy(() => {
      const part = jpegMeasurement(file, { top: 1, left: 2, height: 2, width: 3 });
      const all = tf.slice(jpegMeasurement(file), [0, 1, 2, 0], [1, 2, 3, 384]);
      expect(maxError(part, all)).toBe(0);
    });
  });
});

/** What a reader says of some bytes. */
const saying = async (bytes: Uint8Array, options = {}): Promise<string> => {
  try {
    await readJpeg(bytes, options);
    return 'read';
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return (error as Error).message;
  }
};

/** A copy with other bytes from the place of a marker on. */
const patched = (bytes: Uint8Array, marker: number, offset: number, ...values: number[]) => {
  const copy = bytes.slice();
  const at = copy.findIndex((byte, i) => byte === 0xff && copy[i + 1] === marker);
  copy.set(values, at + offset);
  return copy;
};

describe('a JPEG that is not read', () => {
  it('is named in one line', async () => {
    const plain = fixture('plain');
    const said = await Promise.all([
      saying(new Uint8Array()),
      saying(plain.subarray(0, 300)),
      saying(plain.subarray(0, plain.length - 40)),
      saying(fixture('inks')),
      saying(patched(plain, 0xc0, 4, 12)),
      saying(patched(plain, 0xc0, 1, 0xc9)),
      saying(patched(plain, 0xc0, 1, 0xc3)),
      saying(patched(plain, 0xc0, 11, 0x41)),
      saying(patched(plain, 0xc0, 5, 0, 0)),
      saying(patched(plain, 0xc0, 5, 0x17, 0, 0x17, 0)),
      saying(patched(plain, 0xc0, 5, 255, 255, 255, 255)),
      saying(plain, { maxPixels: 100 }),
    ]);
    expect(said).toMatchInlineSnapshot(`
      [
        "it is no JPEG",
        "it is cut or damaged",
        "it is cut or damaged",
        "its colours are inks (CMYK)",
        "it has 12 bits, and 8 are read",
        "its arithmetic coding is not supported",
        "it is lossless",
        "its colours are sampled as 4x1, 1x1, 1x1, which is not supported",
        "its header lacks its size",
        "it is cut or damaged",
        "it must have at most maxPixels = 40000000 pixels, got 4294836225",
        "it must have at most maxPixels = 100 pixels, got 1147",
      ]
    `);
    expect(await jpegInfo(plain)).toMatchObject({ quality: 30, subsampling: '4:2:0' });
  });

  it('is cut anywhere or has any wrong byte without harm', async () => {
    for (const bytes of [fixture('restart'), await written('4:2:0', 70, true)]) {
      for (let length = 0; length < bytes.length; length += 11)
        expect(await saying(bytes.subarray(0, length))).not.toBe('read');
      let state = 1;
      const random = (below: number) => {
        state = (state * 48271) % 2147483647;
        return state % below;
      };
      for (let trial = 0; trial < 300; trial++) {
        const copy = bytes.slice();
        for (let i = 0; i < 3; i++) copy[random(copy.length)] = random(256);
        await saying(copy);
      }
    }
  });
});
