import * as tf from '@tensorflow/tfjs';
import { type JpegOptions, jpeg, qualityOf, roundingNoise, standardTables } from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../../support/backend';
import { maxError } from '../../support/close';
import { operatorLaws } from '../operator-laws';

/** Steps that differ everywhere, so that a transposed table shows, with singular values near 1. */
const table = (first: number) => Array.from({ length: 64 }, (_, i) => first + i);
const tables = [table(300), table(400), table(500)] as const;
const flat = (step: number) => Array.from({ length: 64 }, () => step);

describe.each([
  ['4:4:4', [2, 24, 40, 3]],
  ['4:2:2', [2, 16, 32, 3]],
  ['4:2:0', [2, 16, 32, 3]],
  ['4:4:0', [2, 32, 16, 3]],
] as const)('jpeg with colours %s', (subsampling, shape) => {
  operatorLaws(
    { shapes: [[...shape]], make: () => ({ operator: jpeg({ tables, subsampling }) }) },
    { linear: true, spectrum: true },
  );

  describe('its picture', () => {
    useTestBackend('cpu');
    it('shows smooth images as they are', () => {
      tf.tidy(() => {
        const operator = jpeg({ tables, subsampling });
        const ramp = (length: number, axis: 1 | 2) =>
          tf.reshape(
            tf.linspace(-0.5, 0.5, length),
            axis === 1 ? [1, length, 1, 1] : [1, 1, length, 1],
          );
        const colours = tf.tensor4d([0.9, -0.4, 0.2], [1, 1, 1, 3]);
        const plane = tf.add(ramp(shape[1], 1), ramp(shape[2], 2));
        const x = tf.mul(plane, colours) as tf.Tensor4D;
        const shown = operator.decode(operator.forward(x));
        // Colours at the border have no neighbour to interpolate with.
        const inside = (image: tf.Tensor4D) =>
          tf.slice(image, [0, 1, 1, 0], [1, shape[1] - 2, shape[2] - 2, 3]);
        expect(maxError(inside(shown), inside(x))).toBeLessThan(1e-4);
      });
    });
  });
});

describe('jpeg', () => {
  useTestBackend('cpu');
  const unit = Math.sqrt(12) * 127.5;

  it('is the DCT of Y, Cb and Cr over the step, in units of step / sqrt(12)', () => {
    tf.tidy(() => {
      const tables: JpegOptions['tables'] = [flat(10), flat(20), flat(40)];
      const operator = jpeg({ tables, subsampling: '4:4:4' });
      const wave = (v: number) =>
        Array.from({ length: 8 }, (_, i) => Math.cos(((2 * i + 1) * v * Math.PI) / 16) / 2);
      // Frequency 2 down and 3 across, in pure red.
      const x = tf.tensor4d(
        wave(2).flatMap((down) => wave(3).flatMap((across) => [down * across, 0, 0])),
        [1, 8, 8, 3],
      );
      const expected = new Array(192).fill(0);
      expected[2 * 8 + 3] = (0.299 * unit) / 10;
      expected[64 + 2 * 8 + 3] = (-0.168736 * unit) / 20;
      expected[128 + 2 * 8 + 3] = (0.5 * unit) / 40;
      expect(maxError(operator.forward(x), expected)).toBeLessThan(1e-4);
    });
  });

  it('puts the blocks of a cell side by side, and averages the colours', () => {
    tf.tidy(() => {
      const operator = jpeg({ tables: [flat(8), flat(8), flat(8)], subsampling: '4:2:0' });
      const blue = tf.buffer([1, 16, 32, 3]);
      // The lower left block of the second cell.
      for (let row = 8; row < 16; row++)
        for (let column = 16; column < 24; column++) blue.set(1, 0, row, column, 2);
      const y = operator.forward(blue.toTensor() as tf.Tensor4D);
      expect(y.shape).toEqual([1, 1, 2, 384]);
      const at = (index: number) => y.dataSync()[384 + index]!;
      expect([0, 64, 128, 192].map(at)).toEqual([
        expect.closeTo(0, 4),
        expect.closeTo(0, 4),
        expect.closeTo((0.114 * 8 * unit) / 8, 2),
        expect.closeTo(0, 4),
      ]);
      expect(at(256)).toBeCloseTo((0.5 * 0.25 * 8 * unit) / 8, 2);
      expect(maxError(tf.slice(y, [0, 0, 0, 0], [1, 1, 1, 384]), new Array(384).fill(0))).toBe(0);
    });
  });

  it('has the tables of libjpeg, and finds their quality', () => {
    const [luma, chroma] = standardTables(10);
    // python: PIL.Image.save(quality=10), Image.quantization
    expect(luma.slice(0, 8)).toEqual([80, 55, 50, 80, 120, 200, 255, 255]);
    expect(chroma.slice(0, 4)).toEqual([85, 90, 120, 235]);
    expect(standardTables(95)[0].slice(0, 8)).toEqual([2, 1, 1, 2, 2, 4, 5, 6]);
    expect(standardTables(100)[0]).toEqual(flat(1));
    for (const quality of [5, 10, 20, 40, 50, 75, 90, 95])
      expect(Math.abs(qualityOf(standardTables(quality)[0]) - quality)).toBeLessThanOrEqual(1);
  });

  it('names the option, the rule and the value that broke it', () => {
    const errors = [
      () => jpeg({ quality: 0 }),
      () => jpeg({}),
      () => jpeg({ tables: [flat(0.5), flat(1), flat(1)] as never }),
      () => jpeg({ quality: 50, subsampling: '4:1:1' as never }),
      () => jpeg({ quality: 50 }).forward(tf.zeros([1, 24, 16, 3])),
    ].map((run) => {
      try {
        run();
        return 'no error';
      } catch (error) {
        return String(error).slice(0, 100);
      }
    });
    expect(errors).toMatchInlineSnapshot(`
      [
        "RangeError: jpeg: quality must be an integer from 1 to 100, got 0",
        "RangeError: jpeg: quality must be an integer from 1 to 100, got undefined",
        "RangeError: jpeg: tables must be 3 lists of 64 integers from 1 to 65535, got [[0.5, 0.5, 0.5, 0.5, 0",
        "RangeError: jpeg: subsampling must be one of 4:4:4, 4:2:2, 4:2:0, 4:4:0, got 4:1:1",
        "RangeError: jpeg: x.shape must be [batch, height, width, 3] with height and width divisible by 16, g",
      ]
    `);
  });
});

describe('roundingNoise', () => {
  useTestBackend('cpu');

  it('rounds to multiples of sqrt(12), an error of standard deviation 1 within sqrt(3)', () => {
    tf.tidy(() => {
      const noise = roundingNoise();
      const clean = tf.randomUniform<tf.Rank.R4>([1, 64, 64, 3], -500, 500, 'float32', 4);
      const y = noise.add(clean, {} as never);
      const error = tf.sub(y, clean);
      expect(Math.sqrt(tf.mean(tf.square(error)).dataSync()[0]!)).toBeCloseTo(1, 2);
      expect(tf.max(tf.abs(error)).dataSync()[0]).toBeLessThan(Math.sqrt(3) + 1e-4);
      const steps = tf.div(y, Math.sqrt(12));
      expect(maxError(steps, tf.round(steps))).toBeLessThan(1e-4);
      expect(noise.negLogLikelihood(clean, y).dataSync()[0]! * 2).toBeCloseTo(
        noise.residual(clean, y).dataSync()[0]!,
        0,
      );
    });
  });
});
