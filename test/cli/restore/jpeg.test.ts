import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { jpeg, jpegMeasurement, readJpeg } from 'spgd';
import { fileHandler, type Pixels, readImage, useBackend } from 'spgd/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { asStored, upright } from '../../../src/cli/restore/orientation';
import { filledModel } from '../../models/graph/filled-model';
import { maxError } from '../../support/close';
import { runCommand } from '../../support/run-command';

let root: string;
const at = (name: string) => join(root, name);
const [height, width] = [45, 71];

/** Runs `spgd restore` with a small model. */
const restore = (...args: string[]) => {
  const model = ['--model', at('model'), '--backend', 'wasm', '--workers', '1'];
  return runCommand(root, 'restore', ...args, ...model);
};

/** Smooth colours, far from black and white. */
const photo = () => {
  const values = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [channel, pixel] = [i % 3, Math.floor(i / 3)];
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    return Math.round(128 + 30 * Math.sin(0.2 * x + channel) + 30 * Math.cos(0.13 * y * channel));
  });
  return sharp(values, { raw: { height, width, channels: 3 } });
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-jpeg-'));
  await useBackend('wasm');
  const url = pathToFileURL(join(at('model'), 'model.json')).href;
  await fileHandler(url).save(await filledModel());
  await photo().jpeg({ quality: 10 }).toFile(at('low.jpg'));
  await photo().jpeg({ quality: 95 }).toFile(at('high.jpg'));
  await photo().jpeg({ quality: 10 }).withMetadata({ orientation: 6 }).toFile(at('turned.jpg'));
  await photo().toColourspace('cmyk').jpeg({ quality: 10 }).toFile(at('inks.jpg'));
  await photo().png().toFile(at('photo.png'));
  const noise = { type: 'gaussian', mean: 128, sigma: 25 } as const;
  await sharp({ create: { width: 64, height: 64, channels: 3, background: '#888', noise } })
    .png()
    .toFile(at('noisy.png'));
  const bytes = await readFile(at('low.jpg'));
  await writeFile(at('cut.jpg'), bytes.subarray(0, bytes.length - 60));
});

describe('restore of a JPEG', () => {
  it('finds the compression, and keeps each coefficient in its interval', async () => {
    const { code, said } = await restore(at('low.jpg'), '--out', at('low.png'));
    expect(said).toContain('task: jpeg (its losses are found)');
    expect(code).toBe(0);
    const file = await readJpeg(new Uint8Array(await readFile(at('low.jpg'))));
    const restored = await readImage(at('low.png'));
    expect(restored.shape).toEqual([1, height, width, 3]);
    const decoded = await readImage(at('low.jpg'));
    expect(maxError(restored, decoded)).toBeGreaterThan(0.02);
    tf.tidy(() => {
      // Cells that lie in the image whole; 8 bits round a little.
      const whole = [1, 2, 4, -1] as [number, number, number, number];
      const cells = tf.slice(restored, [0, 0, 0, 0], [1, 32, 64, 3]);
      const y = tf.slice(jpegMeasurement(file), [0, 0, 0, 0], whole);
      const error = tf.max(tf.abs(tf.sub(jpeg(file).forward(cells), y)));
      expect(error.dataSync()[0]).toBeLessThan(Math.sqrt(3) + 0.1);
    });
  });

  it('restores a photo that EXIF turns as it is stored', async () => {
    await restore(at('low.jpg'), '--out', at('low.png'));
    await restore(at('turned.jpg'), '--out', at('turned.png'));
    const turned = await sharp(at('turned.png')).rotate(-90).removeAlpha().raw().toBuffer();
    const plain = await sharp(at('low.png')).removeAlpha().raw().toBuffer();
    expect(turned.equals(plain)).toBe(true);
  });

  it('says in one line why it does not', async () => {
    const said = [
      await restore(at('photo.png'), '--task', 'jpeg'),
      await restore(at('inks.jpg'), '--task', 'jpeg'),
      await restore(at('low.jpg'), '--task', 'jpeg', '--grayscale'),
      await restore(at('high.jpg')),
      await restore(at('cut.jpg')),
      await restore(at('low.jpg'), at('noisy.png')),
      await restore(at('photo.png'), '--task', 'jpeg', '--simulate'),
    ];
    expect(said.map(({ code }) => code)).toEqual(said.map(() => 2));
    expect(said.map((one) => one.said.trim().split('\n').at(-1))).toMatchInlineSnapshot(`
      [
        "spgd: restore: jpeg cannot restore <root>/photo.png: it is no JPEG",
        "spgd: restore: jpeg cannot restore <root>/inks.jpg: its colours are inks (CMYK)",
        "spgd: restore: jpeg cannot restore <root>/low.jpg: --grayscale changes what it has stored",
        "spgd: restore: what happened to <root>/high.jpg? Found: a JPEG of quality 95, colours 4:2:0; hardly any noise; too small to judge its sharpness. Give --task, or --mask, --kernel, --scale or --blur-std",
        "spgd: readImage: cannot read <root>/cut.jpg: the image is damaged or not supported (VipsJpeg: premature end of JPEG image)",
        "spgd: restore: <root>/low.jpg needs jpeg and <root>/noisy.png denoising: restore them by themselves, or give --task",
        "spgd: restore: a simulated JPEG has sides divisible by 16, not 71 x 45: add --size 32x64",
      ]
    `);
  });
});

it('each orientation of EXIF is undone exactly', async () => {
  const values = Uint8Array.from({ length: 6 }, (_, i) => 40 * i);
  for (let orientation = 1; orientation <= 8; orientation++) {
    const bytes = await sharp(values, { raw: { height: 2, width: 3, channels: 1 } })
      .toColourspace('b-w')
      .withMetadata({ orientation })
      .png()
      .toBuffer();
    const { data, info } = await sharp(bytes)
      .autoOrient()
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const file = { format: 'png', pages: 1, isCmyk: false, orientation };
    const shape = [info.height, info.width, 1] as const;
    const shown: Pixels = { values: data, shape, white: 255, file };
    const stored = asStored(shown);
    expect([...stored.values]).toEqual([...values]);
    expect(stored.shape).toEqual([2, 3, 1]);
    expect([...upright(stored).values]).toEqual([...data]);
  }
});
