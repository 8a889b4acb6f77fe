import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type LoadDenoiserOptions, loadDenoiser } from 'spgd';
import { describe, expect, it } from 'vitest';
import { bfloat16IsFaster } from '../../../src/models/graph/bfloat16';
import { startTestBackend, testBackends, useTestBackend } from '../../support/backend';
import { bothPasses } from '../../support/both-passes';
import { relativeError } from '../../support/close';
import { errorNaming } from '../../support/error-naming';
import { filledModel, tinySettings } from './filled-model';

const load = async (options?: LoadDenoiserOptions, settings: Record<string, unknown> = {}) =>
  loadDenoiser(tf.io.fromMemory(await filledModel({ ...tinySettings, ...settings })), options);
const image = (seed: number): Tensor4D => tf.randomNormal([2, 12, 8, 3], 0, 1, 'float32', seed);

describe('precision', () => {
  useTestBackend('wasm');

  it.skipIf(testBackends.includes('tfjs-node'))(
    'is refused where the backend lacks it',
    async () => {
      await expect(load({ precision: 'bfloat16' })).rejects.toThrow(
        errorNaming(
          'RangeError',
          'loadDenoiser: precision',
          'float32 on the backend wasm: only native TensorFlow has bfloat16',
          'got bfloat16',
        ),
      );
    },
  );

  it('is refused where nothing has it', async () => {
    const precision = 'float8' as 'bfloat16';
    await expect(load({ precision })).rejects.toThrow(
      errorNaming(
        'RangeError',
        'loadDenoiser: precision',
        'float32, bfloat16 or auto',
        'got float8',
      ),
    );
  });
});

it.skipIf(testBackends.includes('tfjs-node'))(
  'chosen automatically is float32 where the backend has nothing else',
  async () => {
    await startTestBackend('wasm');
    const [usual, chosen] = [await load(), await load({ precision: 'auto' })];
    tf.tidy(() => {
      const [expected, value] = [usual, chosen].map((one) => one.denoise(image(1), 0.5));
      expect(relativeError(value!, expected!)).toBe(0);
    });
    for (const denoiser of [usual, chosen]) denoiser.dispose();
  },
);

// Where native TensorFlow is not under test there is no bfloat16 to be tested.
describe.runIf(testBackends.includes('tfjs-node'))('convolutions in bfloat16', () => {
  useTestBackend('tfjs-node');

  it.each([
    ['faster', [10, 1], true],
    ['slower', [1, 10], false],
  ] as const)(
    'are chosen automatically only where they are faster: %s',
    (_, [wide, narrow], is) => {
      const start = tf.memory().numTensors;
      let [at, calls] = [0, 0];
      // Four runs of each kind, the clock read before and after.
      const clock = () => {
        if (calls++ % 2 === 1) at += calls <= 8 ? wide : narrow;
        return at;
      };
      expect(bfloat16IsFaster(clock)).toBe(is);
      expect(tf.memory().numTensors).toBe(start);
    },
  );

  it('chosen automatically are one or the other', async () => {
    const all = [
      await load({ precision: 'auto' }),
      await load(),
      await load({ precision: 'bfloat16' }),
    ];
    tf.tidy(() => {
      const [found, wide, narrow] = all.map((one) => one.denoise(image(1), 0.5));
      const errors = [wide!, narrow!].map((one) => relativeError(found!, one));
      expect(Math.min(...errors)).toBeLessThan(1e-6);
    });
    for (const denoiser of all) denoiser.dispose();
  });

  it.each([
    ['resampled by blocks', {}],
    ['resampled by strided convolutions', { resblock_updown: false }],
  ])('differ from float32 by the rounding of bfloat16, %s', async (_, settings) => {
    const start = tf.memory().numTensors;
    const exact = await load({}, settings);
    const rounded = await load({ precision: 'bfloat16' }, settings);
    tf.tidy(() => {
      const x = image(1);
      for (const sigma of [0.1, 1]) {
        const one = bothPasses(exact, x, sigma, image(2));
        const other = bothPasses(rounded, x, sigma, image(2));
        for (const key of ['denoised', 'gradient'] as const) {
          const error = relativeError(other[key], one[key]);
          expect(error).toBeGreaterThan(1e-6);
          expect(error).toBeLessThan(3e-2);
        }
        expect(relativeError(rounded.denoise(x, sigma), other.denoised)).toBeLessThan(1e-6);
      }
    });
    for (const denoiser of [exact, rounded]) denoiser.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });
});
