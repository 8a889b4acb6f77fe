import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type LoadedDenoiser, loadDenoiser, tiledDenoiser } from 'spgd';
import { fileHandler, useBackend, workerDenoiser } from 'spgd/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filledModel } from '../models/graph/filled-model';
import { bothPasses } from '../support/both-passes';
import { maxError, relativeError } from '../support/close';

let root: string;
let source: string;
let own: LoadedDenoiser;
const pools: LoadedDenoiser[] = [];

beforeAll(async () => {
  await useBackend('wasm');
  root = await mkdtemp(join(tmpdir(), 'spgd-workers-'));
  source = pathToFileURL(join(root, 'model', 'model.json')).href;
  await fileHandler(source).save(await filledModel());
  own = await loadDenoiser(fileHandler(source));
  for (const workers of [1, 2]) pools.push(await workerDenoiser(source, { workers, batch: 2 }));
});

afterAll(() => {
  for (const pool of pools) pool.dispose();
  own.dispose();
});

const image = (seed: number): Tensor4D => tf.randomNormal([1, 13, 21, 3], 0, 0.5, 'float32', seed);
const square = (value: Tensor4D): Tensor4D => tf.square(value);

test('one thread, two threads and none give the same numbers, bit for bit', () => {
  const tiled = [
    tiledDenoiser(own, { size: 8, batch: 2 }),
    ...pools.map((pool) => tiledDenoiser(pool, { size: 8, batch: Infinity })),
  ];
  const x = image(1);
  const [none, ...others] = tiled.map((denoiser) => bothPasses(denoiser, x, 0.4, square));
  for (const { denoised, gradient } of others) {
    expect(maxError(denoised, none!.denoised)).toBe(0);
    expect(maxError(gradient, none!.gradient)).toBe(0);
  }
});

test('hundreds of groups give the same numbers', () => {
  const x: Tensor4D = tf.randomNormal([1, 8, 6 * 205 + 2, 3], 0, 0.5, 'float32', 3);
  const [none, one] = [
    tiledDenoiser(own, { size: 8, batch: 2 }),
    tiledDenoiser(pools[0]!, { size: 8, batch: Infinity }),
  ].map((denoiser) => bothPasses(denoiser, x, 0.4, square));
  expect(maxError(one!.denoised, none!.denoised)).toBe(0);
  expect(maxError(one!.gradient, none!.gradient)).toBe(0);
});

test('a linearization outlives other passes, and what is disposed leaves the threads working', () => {
  const x = tf.tile(image(4).slice([0, 0, 0, 0], [1, 8, 8, 3]), [7, 1, 1, 1]) as Tensor4D;
  for (const pool of pools) {
    const expected = bothPasses(own, x, 0.4, square);
    const before = tf.memory().numTensors;
    const [first, second, third] = [0.4, 0.7, 0.4].map((sigma) => pool.linearize!(x, sigma));
    second!.dispose();
    expect(() => second!.backward(x)).toThrow('was disposed');
    tf.dispose(pool.denoise(x, 0.2));
    for (const at of [third!, first!]) {
      const gradient = at.backward(tf.tidy(() => square(at.denoised)));
      expect(maxError(gradient, expected.gradient)).toBeLessThan(1e-4);
      gradient.dispose();
    }
    tf.dispose([first!, second!, third!].map(({ denoised }) => denoised));
    expect(tf.memory().numTensors - before).toBe(2); // the two cotangents
  }
});

test('a backward pass that fails in a thread frees what the others keep, and the next call works', () => {
  const x = tf.tile(image(4).slice([0, 0, 0, 0], [1, 8, 8, 3]), [7, 1, 1, 1]) as Tensor4D;
  const wrong = tf.zeros<tf.Rank.R4>([7, 2, 2, 1]);
  const before = tf.memory().numTensors;
  for (const pool of pools) {
    expect(() => bothPasses(pool, x, 0.4, wrong)).toThrow();
    expect(tf.memory().numTensors).toBe(before);
    const again = tf.tidy(() => maxError(pool.denoise(x, 0.4), own.denoise(x, 0.4)));
    expect(again).toBeLessThan(1e-5);
  }
});

test('threads are one node on the tape, and leave no tensor here', () => {
  const x = tf.tidy(() => tf.tile(image(2).slice([0, 0, 0, 0], [1, 8, 8, 3]), [3, 1, 1, 1]));
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const taped = tf.grad((at) => tf.sum(square(pools[1]!.denoise(at as Tensor4D, 0.4))))(x);
    const { gradient } = bothPasses(own, x, 0.4, (value) => tf.mul(value, 2));
    expect(relativeError(taped, gradient)).toBeLessThan(1e-5);
  });
  expect(tf.memory().numTensors).toBe(before);
  x.dispose();
});

test('it says of the model what loadDenoiser says', () => {
  const { imageShape, multipleOf, metadata } = own;
  expect(pools[1]).toMatchObject({ imageShape, multipleOf });
  expect(pools[1]!.metadata?.parameterCount).toBe(metadata!.parameterCount);
});

test('an error in a thread is thrown here with its name, and the next call works', () => {
  const wrong = tf.zeros<tf.Rank.R4>([5, 7, 7, 3]);
  const before = tf.memory().numTensors;
  expect(() => pools[1]!.denoise(wrong, 0.4)).toThrow();
  expect(tf.memory().numTensors).toBe(before);
  const right = tf.zeros<tf.Rank.R4>([5, 8, 8, 3]);
  expect(maxError(pools[1]!.denoise(right, 0.4), pools[0]!.denoise(right, 0.4))).toBe(0);
});

test('a model that is missing, and one that is damaged, are refused by name', async () => {
  const missing = workerDenoiser(`${source}x`, { workers: 1 });
  await expect(missing).rejects.toMatchObject({ name: 'InputError' });
  await writeFile(join(root, 'bad.json'), '{}');
  const bad = workerDenoiser(pathToFileURL(join(root, 'bad.json')).href, { workers: 1 });
  await expect(bad).rejects.toThrow(/bad\.json/);
  await expect(workerDenoiser(source, { workers: 0 })).rejects.toThrow(
    'workerDenoiser: workers must be an integer >= 1, got 0',
  );
});
