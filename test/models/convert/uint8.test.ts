import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { toUint8 } from '../../../src/models/convert/uint8';

/** The numbers that TensorFlow.js reads from what was written of these. */
function roundTrip(values: Float32Array): { read: Float32Array; scale: number } {
  const { levels, scale, min } = toUint8(values);
  const quantization = { dtype: 'uint8' as const, scale, min };
  const spec = { name: 'w', shape: [levels.length], dtype: 'float32' as const, quantization };
  const { w } = tf.io.decodeWeights(levels.slice().buffer as ArrayBuffer, [spec]);
  const read = w!.dataSync<'float32'>();
  w!.dispose();
  return { read, scale };
}

const wave = (low: number, high: number) =>
  Float32Array.from(
    { length: 999 },
    (_, i) => low + ((high - low) * (1 + Math.sin(i * i * 0.01))) / 2,
  );

describe('toUint8', () => {
  it('is undone by the decoder of TensorFlow.js to half a step of the range', () => {
    for (const [low, high] of [
      [-0.3, 0.7],
      [-1.003, 0.497],
      [0.2, 0.5],
      [-5, -4],
      [-1e-20, 1e-20],
      [-1e30, 2e30],
    ] as const) {
      const values = wave(low, high);
      const { read, scale } = roundTrip(values);
      const range = Math.max(0, ...values) - Math.min(0, ...values);
      expect(scale).toBeCloseTo(range / 255, 12);
      const far = values.filter((value, i) => Math.abs(read[i]! - value) > scale * 0.5001);
      expect([low, high, ...far]).toEqual([low, high]);
      expect(new Set(read).size).toBeLessThanOrEqual(256);
    }
  });

  it('keeps zero, and weights that are all zero', () => {
    for (const most of [0.1, 0.7, 1 / 3]) {
      const { read } = roundTrip(Float32Array.of(-0.2371, 0, most, -0));
      expect([read[1], read[3]]).toEqual([0, 0]);
    }
    expect([...roundTrip(new Float32Array(5)).read]).toEqual([0, 0, 0, 0, 0]);
  });

  it('keeps integers of a range of 255', () => {
    const integers = Float32Array.from({ length: 256 }, (_, i) => i - 100);
    expect(roundTrip(integers).read).toEqual(integers);
  });
});
