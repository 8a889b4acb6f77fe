import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { colorization } from 'spgd';
import { fileHandler, readImage, useBackend } from 'spgd/node';
import { beforeAll, expect, it } from 'vitest';
import { filledModel } from '../../models/graph/filled-model';
import { runCommand } from '../../support/run-command';

let root: string;
const at = (name: string) => join(root, name);
const [height, width] = [21, 30];

/** Runs `spgd restore` with a small model. */
const restore = (...args: string[]) => {
  const model = ['--model', at('model'), '--backend', 'wasm', '--workers', '1', '--steps', '2'];
  return runCommand(root, 'restore', ...args, ...model);
};

const smooth = (channels: 1 | 3) => {
  const values = Uint8Array.from({ length: height * width * channels }, (_, i) =>
    Math.round(128 + 60 * Math.sin(i / 50)),
  );
  return sharp(values, { raw: { width, height, channels } }).png();
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-colour-'));
  await useBackend('wasm');
  const url = pathToFileURL(join(at('model'), 'model.json')).href;
  await fileHandler(url).save(await filledModel());
  await smooth(1).toColourspace('b-w').toFile(at('grey.png'));
  await smooth(3).toFile(at('colour.png'));
});

it('gives a grey photo colours, whose luma is the photo', async () => {
  const { code, said } = await restore(at('grey.png'), '--task', 'colorization');
  expect(said).toContain('task: colorization');
  expect(code).toBe(0);
  const { channels } = await sharp(at('grey-restored.png')).metadata();
  expect(channels).toBe(3);
  const [grey, restored] = [
    await readImage(at('grey.png')),
    await readImage(at('grey-restored.png')),
  ];
  const luma = colorization().forward(restored);
  const distance = tf.mean(tf.abs(tf.sub(luma, tf.slice(grey, [0, 0, 0, 0], [1, -1, -1, 1]))));
  expect(distance.dataSync()[0]).toBeLessThan(0.1);
});

it('is for grey photos, and mosaics are only simulated', async () => {
  const coloured = await restore(at('colour.png'), '--task', 'colorization');
  expect(coloured.code).toBe(2);
  expect(coloured.said).toContain(
    'colorization is for a grey photo, and <root>/colour.png has colours',
  );
  const mosaic = await restore(at('grey.png'), '--task', 'demosaicing');
  expect(mosaic.code).toBe(2);
  expect(mosaic.said).toContain('demosaicing is for no photo: add --simulate');
});
