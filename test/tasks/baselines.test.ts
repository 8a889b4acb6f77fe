import * as tf from '@tensorflow/tfjs';
import {
  boxMask,
  gaussianBlur,
  gaussianNoise,
  identity,
  inpainting,
  type LinearOperator,
  measure,
  phaseRetrieval,
  psnr,
  randomMask,
  superResolution,
} from 'spgd';
import { readImage, useBackend } from 'spgd/node';
import {
  type Baseline,
  bicubic,
  hybridInputOutput,
  linearInterpolation,
  noiseOf,
  tasks,
  wiener,
} from 'spgd/tasks';
import { beforeAll, describe, expect, test } from 'vitest';
import { photoNames, photoPath } from '../../src/cli/photo';
import { maxError } from '../support/close';

let photo: tf.Tensor4D;
beforeAll(async () => {
  await useBackend('wasm');
  photo = await readImage(photoPath('chelsea'), { size: [64, 48] });
});

/** `a row + b column + c`, the same in 3 channels. */
const plane = (height: number, width: number): tf.Tensor4D =>
  tf.tidy(() => {
    const rows = tf.reshape(tf.linspace(-0.5, 0.4, height), [1, height, 1, 1]);
    const columns = tf.reshape(tf.linspace(-0.3, 0.5, width), [1, 1, width, 1]);
    return tf.tile(tf.add(rows, columns) as tf.Tensor4D, [1, 1, 1, 3]);
  });

const restore = (
  baseline: Baseline<LinearOperator>,
  operator: LinearOperator,
  measurement: tf.Tensor4D,
  noiseStd = 0.01,
) => baseline.restore({ operator, measurement, noiseStd, seed: 0 });

const decibels = (image: tf.Tensor4D, clean: tf.Tensor4D): number =>
  psnr(image, clean).dataSync()[0]!;

describe('linear interpolation', () => {
  test('gives a plane back exactly where known pixels surround it', async () => {
    const clean = plane(31, 37);
    const operator = inpainting({
      mask: boxMask({ height: 31, width: 37, boxHeight: 15, boxWidth: 11 }),
    });
    const image = await restore(linearInterpolation, operator, operator.forward(clean));
    expect(maxError(image, clean)).toBeLessThan(1e-6);
  });

  test('keeps known pixels and gives the others values between them', async () => {
    const operator = inpainting({ mask: randomMask({ height: 64, width: 48, seed: 3 }) });
    const y = operator.forward(photo);
    const image = await restore(linearInterpolation, operator, y);
    expect(maxError(operator.forward(image), y)).toBe(0);
    expect(tf.max(image).dataSync()[0]).toBeLessThanOrEqual(tf.max(y).dataSync()[0]!);
    expect(decibels(image, photo)).toBeGreaterThan(decibels(y, photo) + 5);
  });

  test.each([0, 1, 2, 3])('takes %i known pixels, in a line at that', async (count) => {
    const known = tf.tensor4d(
      Array.from({ length: 12 }, (_, i) => (i < count ? 1 : 0)),
      [1, 3, 4, 1],
    );
    const operator = inpainting({ mask: known });
    const y = operator.forward(tf.fill([1, 3, 4, 3], 0.25));
    const image = await restore(linearInterpolation, operator, y);
    expect(maxError(image, tf.fill([1, 3, 4, 3], count ? 0.25 : 0))).toBeLessThan(1e-6);
  });
});

describe('bicubic', () => {
  test('keeps a plane away from the border, and is not shifted', async () => {
    const clean = plane(48, 64);
    const operator = superResolution({ scale: 4 });
    const image = await restore(bicubic, operator, operator.forward(clean));
    const inner = (x: tf.Tensor4D) => tf.slice4d(x, [0, 16, 16, 0], [1, 16, 32, 3]);
    expect(image.shape).toEqual(clean.shape);
    expect(maxError(inner(image), inner(clean))).toBeLessThan(1e-5);
  });

  test('beats squares of one colour on a photo', async () => {
    const operator = superResolution({ scale: 4 });
    const y = operator.forward(photo);
    const squares = tf.image.resizeNearestNeighbor(y, [64, 48]);
    expect(decibels(await restore(bicubic, operator, y), photo)).toBeGreaterThan(
      decibels(squares, photo) + 0.5,
    );
  });
});

describe('the Wiener filter', () => {
  test('keeps a constant and the mean, and smooths the rest', async () => {
    const y = tf.tidy(() => tf.mul(plane(9, 7), 0.5) as tf.Tensor4D);
    const constant = tf.fill([1, 9, 7, 3], 0.3) as tf.Tensor4D;
    expect(maxError(await restore(wiener, identity(), constant, 0.4), constant)).toBeLessThan(1e-4);
    const smoothed = await restore(wiener, identity(), y, 0.4);
    expect(tf.mean(tf.sub(smoothed, y)).dataSync()[0]).toBeCloseTo(0, 4);
    expect(maxError(smoothed, y)).toBeGreaterThan(0.01);
  });

  test.each(['gaussian-blur', 'motion-blur', 'denoising'])('improves a photo: %s', async (name) => {
    const task = tasks[name]!;
    const { operator, noiseStd, baseline } = task;
    const map = operator({ height: 64, width: 64 }, { seed: 1 });
    const clean = await readImage(photoPath('coffee'), { size: [64, 64] });
    const measurement = measure(map, clean, gaussianNoise(noiseStd), { seed: 1 });
    const image = await baseline.restore({ operator: map, measurement, noiseStd, seed: 1 });
    expect(decibels(image, clean)).toBeGreaterThan(decibels(measurement, clean) + 2);
  });

  test('trusts a measurement without noise', async () => {
    const operator = gaussianBlur({ kernelSize: 3, std: 0.5 });
    const image = await restore(wiener, operator, operator.forward(photo), 1e-3);
    expect(decibels(image, photo)).toBeGreaterThan(40);
  });
});

test('hybrid input-output finds an image with nearly the measured magnitudes', async () => {
  const operator = phaseRetrieval({ oversample: 2 });
  const y = operator.forward(photo);
  const image = await hybridInputOutput.restore({ operator, measurement: y, noiseStd: 0, seed: 0 });
  expect(image.shape).toEqual(photo.shape);
  const misfit = (x: tf.Tensor4D) =>
    tf.div(tf.norm(tf.sub(operator.forward(x), y)), tf.norm(y)).dataSync()[0]!;
  expect(misfit(image)).toBeLessThan(0.1);
  expect(misfit(tf.randomUniform(photo.shape, -1, 1, 'float32', 1))).toBeGreaterThan(0.2);
});

test.each(Object.keys(tasks))(
  'every task has a baseline that runs and leaks nothing: %s',
  async (name) => {
    const task = tasks[name]!;
    const { operator, noiseStd, baseline } = task;
    const map = operator({ height: 32, width: 32 });
    const clean = await readImage(photoPath('astronaut'), { size: [32, 32] });
    const measurement = measure(map, clean, noiseOf(task), { seed: 0 });
    const problem = { operator: map, measurement, noiseStd, seed: 0 };
    (await baseline.restore(problem)).dispose();
    const before = tf.memory().numTensors;
    const image = await baseline.restore(problem);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(image.shape).toEqual(clean.shape);
    expect(tf.max(tf.abs(image)).dataSync()[0]).toBeLessThanOrEqual(1);
  },
);

test('the photos of the package are there', async () => {
  for (const name of photoNames) expect((await readImage(photoPath(name))).shape[3]).toBe(3);
  expect(photoPath('mine.png')).toBe('mine.png');
});
