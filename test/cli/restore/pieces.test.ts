import * as tf from '@tensorflow/tfjs';
import {
  diffpir,
  edmSchedule,
  type ForwardOperator,
  gaussianBlur,
  gaussianNoise,
  gaussianPrior,
  identity,
  measure,
  phaseRetrieval,
  sample,
  superResolution,
} from 'spgd';
import type { Pixels } from 'spgd/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { blockPieces } from '../../../src/cli/restore/block-pieces';
import { cropOf } from '../../../src/cli/restore/photo-pixels';
import { pixelsOf } from '../../../src/cli/restore/pieces';
import { workOf } from '../../../src/cli/restore/run-pieces';

const prior = { denoiser: gaussianPrior({ std: 0.5 }), size: 32, overlap: 8, batch: 4 } as never;
const size = { height: 96, width: 132 };

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A smooth picture with fine waves. */
const photo = (): tf.Tensor4D =>
  tf.tidy(() => {
    const { height, width } = size;
    const waves = tf.buffer<tf.Rank.R4>([1, height, width, 1]);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        waves.set(0.5 * Math.sin(x / 5) * Math.cos(y / 7) + 0.2 * Math.sin(x + y), 0, y, x, 0);
    return waves.toTensor();
  });

const blank = (): Pixels => ({
  values: new Uint16Array(size.height * size.width),
  shape: [size.height, size.width, 1],
  white: 65535,
});

/** Restores a picture in blocks of at most `largest` pixels. */
async function restored(operator: ForwardOperator, largest: number) {
  const clean = photo();
  const noise = gaussianNoise(0.02);
  const y = measure(operator, clean, noise, { seed: 3 });
  const values = await y.data<'float32'>();
  const { shape } = y;
  tf.dispose([clean, y]);
  const result = blank();
  const crop = (box: Parameters<typeof cropOf>[2]) => cropOf(values, shape, box);
  const pieces = blockPieces({ operator, shape, crop }, result, prior, largest);
  for (const piece of pieces) {
    const problem = piece.problem();
    const start = tf.zeros<tf.Rank.R4>(
      operator.imageShape?.(problem.measurement.shape) ?? problem.measurement.shape,
    );
    const { sample: x } = await sample(
      diffpir({ temperature: 0 }) as never,
      { ...problem, noise },
      { schedule: edmSchedule({ steps: 4, sigmaMax: 1 }), start },
    );
    piece.accept(await x.data());
    tf.dispose([x, start]);
    problem.dispose();
  }
  return { pieces, levels: Float64Array.from(result.values, (level) => level / 32767.5 - 1) };
}

const largestDifference = (a: Float64Array, b: Float64Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.each([
  ['denoising', identity(), 1e-4],
  ['super-resolution', superResolution({ scale: 4 }), 0.02],
  ['deblurring', gaussianBlur({ kernelSize: 9, std: 1 }), 0.02],
] as const)('%s in blocks', (_, operator, bound) => {
  it('gives what it gives on the whole picture, and leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const whole = await restored(operator, 1000);
    const blocks = await restored(operator, 48);
    expect([whole.pieces.length, blocks.pieces.length]).toEqual([1, 6]);
    expect(largestDifference(whole.levels, blocks.levels)).toBeLessThan(bound);
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('an operator that is not local sees the whole picture', () => {
  const operator = phaseRetrieval({ oversample: 2 });
  const y = { operator, shape: [1, 100, 140, 1] as [number, number, number, number] };
  const pieces = blockPieces({ ...y, crop: () => tf.zeros([1, 1, 1, 1]) }, blank(), prior, 48);
  expect(pieces.map(({ tiles }) => tiles.length)).toEqual([4 * 6]); // 24 pixels apart: 96 and 132
});

it('the work counts the solutions of blocks that end where the photo does', () => {
  const operator = gaussianBlur({ kernelSize: 3, std: 0.5 });
  const shape = [1, 300, 300, 1] as [number, number, number, number];
  const picture: Pixels = {
    values: new Uint16Array(300 * 300),
    shape: [300, 300, 1],
    white: 65535,
  };
  const whole = { operator, shape, crop: () => tf.zeros<tf.Rank.R4>([1, 1, 1, 1]) };
  const opened = { ...whole, opened: () => expect.unreachable() };
  const pieces = blockPieces(opened, picture, prior, 100);
  const inner = pieces.filter(({ solveTime }) => !solveTime);
  expect([pieces.length, inner.length]).toEqual([9, 1]);
  const passes = [
    { denoise: 1, gradient: 0 },
    { denoise: 1, gradient: 0 },
  ];
  const times = { denoise: 3, gradient: 0 };
  const pixels = (some: typeof pieces) => some.reduce((sum, piece) => sum + pixelsOf(piece), 0);
  expect(workOf(pieces, { passes, times, solveTime: 2 })).toBe(
    2 * (3 * pixels(pieces) + 2 * (pixels(pieces) - pixels(inner))),
  );
});
