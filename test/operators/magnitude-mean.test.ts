import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { magnitudeMean } from '../../src/operators/magnitude-mean';
import { useTestBackend } from '../support/backend';

interface Levels {
  readonly std: number;
  readonly variance: number;
}

/** The mean of c by a sum over the plane, for a guess on the real axis: it lies on that axis as well. */
function integrated(guess: number, y: number, { std, variance }: Levels): number {
  let [sum, weights] = [0, 0];
  for (let radius = 0.0025; radius < 3; radius += 0.005)
    for (let i = 0; i < 360; i++) {
      const angle = (i * Math.PI) / 180;
      const distance = radius ** 2 - 2 * radius * guess * Math.cos(angle) + guess ** 2;
      const cost = (y - radius) ** 2 / (2 * std ** 2) + distance / variance;
      const weight = radius * Math.exp(-cost);
      sum += weight * radius * Math.cos(angle);
      weights += weight;
    }
  return sum / weights;
}

const one = (value: number): Tensor4D => tf.tensor4d([value], [1, 1, 1, 1]);

/** The mean for a guess turned by an angle. */
const meanOf = (guess: number, angle: number, y: number, levels: Levels): [number, number] =>
  tf.tidy(() => {
    const turned = { real: one(guess * Math.cos(angle)), imaginary: one(guess * Math.sin(angle)) };
    const { real, imaginary } = magnitudeMean(turned, one(y), levels);
    return [real.dataSync()[0]!, imaginary.dataSync()[0]!];
  });

describe('magnitudeMean', () => {
  useTestBackend('cpu');

  const cases = [0.03, 0.1].flatMap((std) =>
    [0.02, 0.2, 1].flatMap((variance) =>
      [0, 0.1, 0.5, 1].flatMap((guess) =>
        [0.5, 1].map((y) => [guess, y, { std, variance }] as const),
      ),
    ),
  );

  it.each(cases)('is near the mean over the plane: guess %d, y %d, %o', (guess, y, levels) => {
    const [real, imaginary] = meanOf(guess, 0, y, levels);
    expect(Math.abs(real - integrated(guess, y, levels))).toBeLessThan(0.04);
    expect(imaginary).toBe(0);
  });

  it('turns with the guess', () => {
    const levels = { std: 0.05, variance: 0.1 };
    const [length] = meanOf(0.6, 0, 0.8, levels);
    const [real, imaginary] = meanOf(0.6, 2, 0.8, levels);
    expect(real).toBeCloseTo(length * Math.cos(2), 5);
    expect(imaginary).toBeCloseTo(length * Math.sin(2), 5);
  });

  it('is the guess at the magnitude y where both are exact, and 0 where the guess says nothing', () => {
    expect(meanOf(0.4, 0, 0.8, { std: 0, variance: 1e-4 })[0]).toBeCloseTo(0.8, 2);
    expect(meanOf(0.4, 0, 0.8, { std: 0.05, variance: 1e6 })[0]).toBeCloseTo(0, 5);
    expect(meanOf(0, 0, 0.8, { std: 0.05, variance: 0.1 })).toEqual([0, 0]);
  });
});
