import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from './check';
import { poissonNumbers } from './poisson-numbers';
import type { Shape4D } from './shape';

/** What a random number is for; each purpose has a stream of its own. */
export type RandomStream = 'sample' | 'measure' | 'mask' | 'kernel';

const streamNumber: Record<RandomStream, number> = { sample: 1, measure: 2, mask: 3, kernel: 4 };

/**
 * Hashes a key to an integer in [1, 2^53): never 0, which TensorFlow.js takes for "no seed".
 * Two 32-bit multiply-xorshift lanes, finished as in MurmurHash3.
 */
export function hashKey(...key: readonly number[]): number {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (const part of key) {
    for (const word of [part | 0, Math.floor(part / 2 ** 32) | 0]) {
      a = Math.imul(a ^ word, 0x85ebca6b);
      b = Math.imul(b ^ word, 0xc2b2ae35);
      a ^= a >>> 15;
      b ^= b >>> 13;
      a = Math.imul(a, 0x2c1b3c6d) ^ b;
    }
  }
  a = Math.imul(a ^ (a >>> 16), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b);
  a ^= a >>> 13;
  b ^= b >>> 16;
  return (b >>> 11) * 2 ** 32 + (a >>> 0) || 1;
}

/** A function that gives uniform numbers in [0, 1), fixed by its key (mulberry32). */
export function uniformGenerator(stream: RandomStream, seed: number): () => number {
  let state = hashKey(streamNumber[stream], seed) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal number from a uniform generator (Box-Muller). */
export function normalNumber(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Checks a seed: any integer, 0 included. */
export function checkSeed(owner: string, option: string, seed: number): void {
  checkRange(Number.isSafeInteger(seed), owner, option, 'an integer', seed);
}

/** The seed of each item: `seeds` as given, or `seed + k`. */
export function itemSeeds(
  owner: string,
  batch: number,
  { seed = 0, seeds }: { seed?: number; seeds?: readonly number[] },
): readonly number[] {
  if (seeds === undefined) {
    checkSeed(owner, 'seed', seed);
    return Array.from({ length: batch }, (_, item) => seed + item);
  }
  checkRange(seeds.length === batch, owner, 'seeds', `a list of ${batch} integers`, seeds);
  for (const one of seeds) checkSeed(owner, 'seeds', one);
  return seeds;
}

/** Random numbers for a batch: item k draws from (stream, seeds[k], step, draw number). */
export function itemRandom(
  stream: RandomStream,
  seeds: readonly number[],
): {
  normal(shape: Shape4D): Tensor4D;
  poisson(rates: Tensor4D): Tensor4D;
  startStep(step: number): void;
} {
  let step = 0;
  let draw = 0;
  const normal = (shape: Shape4D) => {
    const [batch, ...rest] = shape;
    checkRange(batch === seeds.length, 'normal', 'shape[0]', `${seeds.length}, the batch`, batch);
    const number = draw++;
    return tf.tidy(() =>
      tf.concat(
        seeds.map((seed) =>
          tf.randomNormal<tf.Rank.R4>(
            [1, ...rest],
            0,
            1,
            'float32',
            hashKey(streamNumber[stream], seed, step, number),
          ),
        ),
      ),
    );
  };
  return {
    startStep(next) {
      step = next;
      draw = 0;
    },
    normal,
    poisson(rates) {
      const number = draw++;
      const uniforms = seeds.map((seed) => uniformGenerator(stream, hashKey(seed, step, number)));
      return tf.tidy(() => poissonNumbers(rates, uniforms, normal(rates.shape)));
    },
  };
}
