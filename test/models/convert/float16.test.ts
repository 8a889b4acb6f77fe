import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { toFloat16 } from '../../../src/models/convert/float16';

const bitsOf = (...values: number[]): string[] =>
  [...toFloat16(Float32Array.from(values))].map((bits) => bits.toString(16).padStart(4, '0'));

/** The numbers that TensorFlow.js reads from float16. */
const decode = (bits: Uint16Array): Float32Array => {
  const quantization = { dtype: 'float16' as const };
  const spec = { name: 'w', shape: [bits.length], dtype: 'float32' as const, quantization };
  const { w } = tf.io.decodeWeights(bits.slice().buffer as ArrayBuffer, [spec]);
  const values = w!.dataSync<'float32'>();
  w!.dispose();
  return values;
};

describe('toFloat16', () => {
  it('writes known numbers as IEEE 754 has them', () => {
    expect(bitsOf(0, -0, 1, -2, 0.1, 1 / 3, 65504)).toEqual(
      ['0000', '8000', '3c00', 'c000', '2e66', '3555', '7bff'], // numpy.float16(…).view('uint16')
    );
  });

  it('writes subnormal numbers', () => {
    expect(bitsOf(2 ** -14, 1023 * 2 ** -24, 3 * 2 ** -24, 2 ** -24, -(2 ** -24))).toEqual([
      '0400',
      '03ff',
      '0003',
      '0001',
      '8001',
    ]);
  });

  it('rounds to the nearest, and ties to even', () => {
    const unit = 2 ** -10;
    expect(bitsOf(1 + unit / 2, 1 + (3 * unit) / 2, 1 + 0.49 * unit, 1 + 0.51 * unit)).toEqual([
      '3c00',
      '3c02',
      '3c00',
      '3c01',
    ]);
    const least = 2 ** -24;
    expect(bitsOf(least / 2, (least / 2) * 1.001, 1.5 * least, 2.5 * least, least / 4)).toEqual([
      '0000',
      '0001',
      '0002',
      '0002',
      '0000',
    ]);
    // From the largest subnormal to the least normal number, and from one exponent to the next.
    expect(bitsOf(1023.5 * least, 2 - unit / 4, 65519, 65520)).toEqual([
      '0400',
      '4000',
      '7bff',
      '7c00',
    ]);
  });

  it('keeps infinities and NaN', () => {
    expect(bitsOf(Infinity, -Infinity, NaN, 1e9)).toEqual(['7c00', 'fc00', '7e00', '7c00']);
  });

  it('is undone by the decoder of TensorFlow.js for every one of the 65536 patterns', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const notANumber = (bits: number) => (bits & 0x7fff) > 0x7c00;
    const numbers = all.filter((bits) => !notANumber(bits));
    expect(toFloat16(decode(numbers))).toEqual(numbers);
    expect([...decode(toFloat16(decode(all.filter(notANumber))))].every(Number.isNaN)).toBe(true);
  });

  it('is the nearest of all numbers that float16 has', () => {
    const halves = decode(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));
    const values = Float32Array.from({ length: 2000 }, (_, i) => 1.7 ** ((i / 2000) * 52 - 32));
    const rounded = decode(toFloat16(values));
    values.forEach((value, i) => {
      const nearest = halves.reduce(
        (best, half) => Math.min(best, Math.abs(half - value)),
        Infinity,
      );
      if (value < 65504) expect(Math.abs(rounded[i]! - value)).toBe(nearest);
    });
  });
});
