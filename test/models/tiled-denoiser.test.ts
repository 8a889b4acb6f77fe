import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  edmSchedule,
  gaussianBlur,
  gaussianPrior,
  probabilityFlow,
  sample,
  spgd,
  tiledDenoiser,
  vpDenoiser,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { tileAxis } from '../../src/models/tile-axis';
import { useTestBackend } from '../support/backend';
import { bothPasses } from '../support/both-passes';
import { maxError } from '../support/close';
import { denoiserLaws, syntheticNetwork } from './denoiser-laws';

/** Mixes neighbours, so that what a tile cannot see matters; its gradient comes from the tape. */
const mixing = (): Denoiser => {
  const filter = tf.tidy(() => tf.randomNormal<tf.Rank.R4>([3, 3, 3, 3], 0, 0.3, 'float32', 8));
  return {
    denoise: (x, sigma) =>
      tf.tidy(() => tf.tanh(tf.add(tf.conv2d(x, filter, 1, 'same'), sigma / 10)) as Tensor4D),
    dispose: () => filter.dispose(),
  };
};

const tiles = { size: 4, overlap: 2, batch: 3 };
denoiserLaws('tiledDenoiser', {
  make: () => tiledDenoiser(vpDenoiser(syntheticNetwork()), tiles),
  sigmas: [0.7],
});
denoiserLaws('tiledDenoiser in one group', {
  make: () => tiledDenoiser(vpDenoiser(syntheticNetwork()), { ...tiles, batch: 100 }),
  sigmas: [0.7],
});
denoiserLaws('tiledDenoiser of a denoiser that mixes pixels', {
  make: () => tiledDenoiser(mixing(), tiles),
  sigmas: [0.7],
});
denoiserLaws('tiledDenoiser of images smaller than a tile', {
  make: () => tiledDenoiser({ ...mixing(), multipleOf: 4 }, { size: 16 }),
  sigmas: [0.7],
});
denoiserLaws('tiledDenoiser of tiles of one size only', {
  make: () => tiledDenoiser({ ...mixing(), imageShape: [16, 16, 3] }, { size: 16 }),
  sigmas: [0.7],
});

describe('tileAxis', () => {
  it.each([1, 3, 31, 37, 64, 65, 97, 300])(
    'covers %d pixels with weights that add up to 1',
    (n) => {
      const { padded, starts, weights, size } = tileAxis(n, {
        size: 32,
        overlap: 8,
        multipleOf: 4,
      });
      const sums = new Float64Array(padded);
      for (const [i, start] of starts.entries())
        weights[i]!.forEach((weight, k) => {
          sums[start + k]! += weight;
        });
      for (const sum of sums) expect(sum).toBeCloseTo(1, 6);
      expect(size % 4).toBe(0);
      expect(starts.at(-1)! + size).toBe(padded);
      for (const [i, start] of starts.entries())
        if (i > 0) expect(starts[i - 1]! + size - start).toBeGreaterThanOrEqual(8);
    },
  );

  it.each([
    // length, tiles, their size: (length + (tiles - 1) * overlap) / tiles, to the next multiple
    [576, 3, 216],
    [480, 2, 256],
    [481, 3, 184],
    [200, 1, 200],
  ])('covers %d pixels with %d tiles no longer than %d', (length, count, size) => {
    const axis = tileAxis(length, { size: 256, overlap: 32, multipleOf: 8 });
    expect([axis.starts.length, axis.size]).toEqual([count, size]);
    expect(tileAxis(length, { size: 256, overlap: 32, multipleOf: null }).size).toBe(256);
  });
});

describe('tiledDenoiser', () => {
  useTestBackend('wasm');
  const image = (height: number, width: number, batch = 1): Tensor4D =>
    tf.randomNormal([batch, height, width, 3], 0, 0.5, 'float32', 4);

  it.each([
    [31, 37],
    [5, 64],
    [1, 1],
    [2, 50],
  ])('is the denoiser itself where that looks at single pixels: %d x %d', (height, width) => {
    const whole = gaussianPrior({ mean: 0.1, std: 0.5 });
    const tiled = tiledDenoiser({ ...whole, multipleOf: 4 }, { size: 16, overlap: 5 });
    const x = image(height, width, 2);
    expect(maxError(tiled.denoise(x, 0.3), whole.denoise(x, 0.3))).toBeLessThan(1e-6);
  });

  it('leaves out the tiles that are known, and gives their image with no gradient', () => {
    const seen: number[] = [];
    const inner: Denoiser = {
      denoise: (x) => {
        seen.push(x.shape[0]);
        return tf.mul(x, 0.5);
      },
    };
    const known = tf.fill<tf.Rank.R4>([1, 20, 40, 3], 0.25);
    const covers = ({ left }: { left: number }) => left >= 16;
    const tiled = tiledDenoiser(inner, { size: 8, overlap: 2, known: { image: known, covers } });
    const x = tf.ones<tf.Rank.R4>([1, 20, 40, 3]);
    const { denoised, gradient } = bothPasses(tiled, x, 1, tf.onesLike(x));
    const part = (image: Tensor4D, left: number, width: number) =>
      tf.slice(image, [0, 0, left, 0], [1, 20, width, 3]);
    expect(maxError(part(denoised, 0, 10), tf.fill([1, 20, 10, 3], 0.5))).toBeLessThan(1e-6);
    expect(maxError(part(denoised, 24, 16), part(known, 24, 16))).toBe(0);
    expect(maxError(part(gradient, 24, 16), tf.zeros([1, 20, 16, 3]))).toBe(0);
    expect(Math.max(...seen)).toBeLessThanOrEqual(4);
  });

  it('asks no network where all is known', () => {
    const inner: Denoiser = {
      denoise: () => {
        throw new Error('asked');
      },
    };
    const known = { image: image(9, 11), covers: () => true };
    const tiled = tiledDenoiser(inner, { size: 8, known });
    const { denoised } = bothPasses(tiled, image(9, 11), 1, image(9, 11));
    expect(maxError(denoised, known.image)).toBe(0);
  });

  it('gives the same result for tiles one by one, in groups and all at once', () => {
    const inner = mixing();
    const x = image(31, 37);
    const results = [1, 4, Infinity].map((batch) =>
      bothPasses(tiledDenoiser(inner, { size: 12, overlap: 4, batch }), x, 0.5, (value) =>
        tf.square(value),
      ),
    );
    for (const { denoised, gradient } of results) {
      expect(maxError(denoised, results[0]!.denoised)).toBeLessThan(1e-6);
      expect(maxError(gradient, results[0]!.gradient)).toBeLessThan(1e-5);
    }
  });

  it('lets a sampler and an operator that know nothing of tiles run at an odd size', async () => {
    const whole = gaussianPrior({ std: 0.5 });
    const tiled = tiledDenoiser({ ...whole, multipleOf: 4 }, { size: 16 });
    const measurement = image(31, 37);
    const restored = async (denoiser: Denoiser) => {
      const { sample: x } = await sample(
        spgd(probabilityFlow(), { learningRate: 0.1, warmupSteps: 1 }),
        { denoiser, operator: gaussianBlur({ kernelSize: 5, std: 1 }), measurement },
        { schedule: edmSchedule({ steps: 2 }) },
      );
      return x;
    };
    // This prior mixes no pixels: tiles change nothing.
    expect(maxError(await restored(tiled), await restored(whole))).toBeLessThan(1e-5);
  });

  it('refuses options that do not fit', () => {
    const make = (options: object, inner: Denoiser = gaussianPrior({ std: 1 })) =>
      tiledDenoiser(inner, { size: 16, ...options });
    const fixed = { ...gaussianPrior({ std: 1 }), imageShape: [64, 64, 3] as const };
    const errors = [
      () => make({ size: 0 }),
      () => make({ size: 18 }, { ...gaussianPrior({ std: 1 }), multipleOf: 4 }),
      () => make({}, fixed),
      () => make({ overlap: 9 }),
      () => make({ batch: 0 }),
    ].map((call) => {
      try {
        return String(call());
      } catch (error) {
        return String(error);
      }
    });
    expect(errors.join('\n')).toMatchInlineSnapshot(`
      "RangeError: tiledDenoiser: size must be an integer >= 1, got 0
      RangeError: tiledDenoiser: size must be a multiple of 4, got 18
      RangeError: tiledDenoiser: size must be 64, as the denoiser takes it, got 16
      RangeError: tiledDenoiser: overlap must be at most half of size, got 9
      RangeError: tiledDenoiser: batch must be an integer >= 1, got 0"
    `);
  });
});
