import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { circularBlur } from '../../src/operators/circular-blur';
import { motionKernel } from '../../src/operators/motion-kernel';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws } from './operator-laws';

/** A kernel without any symmetry. */
const skewed = [
  [0.1, 0.2, 0],
  [0, 0.3, 0.05],
  [0.25, 0, 0.1],
];

/** `sum_uv kernel[u, v] x[(i + u - k/2) mod H, (j + v - k/2) mod W]`, as it is written. */
function bySum(kernel: readonly (readonly number[])[], x: Tensor4D): number[] {
  const [, height, width] = x.shape;
  const values = x.dataSync();
  const half = kernel.length >> 1;
  const wrap = (place: number, size: number) => ((place % size) + size) % size;
  const at = (i: number, j: number) => values[wrap(i, height) * width + wrap(j, width)]!;
  return Array.from({ length: height * width }, (_, place) => {
    const [i, j] = [Math.floor(place / width), place % width];
    const row = (weights: readonly number[], u: number) =>
      weights.reduce((sum, weight, v) => sum + weight * at(i + u - half, j + v - half), 0);
    return kernel.reduce((sum, weights, u) => sum + row(weights, u), 0);
  });
}

describe('circularBlur', () => {
  useTestBackend('cpu');

  operatorLaws(
    {
      shapes: [
        [2, 31, 37, 1],
        [2, 12, 9, 3],
      ],
      make: () => ({
        operator: circularBlur({
          kernel: motionKernel({ kernelSize: 9, intensity: 0.5, seed: 1 }),
        }),
      }),
    },
    { linear: true, spectrum: true },
  );

  it.each([
    [7, 4],
    [2, 3],
  ])('is the periodic correlation, also where the kernel is the larger: %d x %d', (h, w) => {
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([1, h, w, 1], 0, 1, 'float32', 2);
      const y = circularBlur({ kernel: skewed }).forward(x);
      expect(maxError(y, bySum(skewed, x))).toBeLessThan(1e-6);
    });
  });

  it('does not divide by what the kernel takes away', () => {
    tf.tidy(() => {
      // The mean of three neighbours has a zero at a third of the sampling frequency.
      const third = 1 / 3;
      const rows = [
        [0, third, 0],
        [0, third, 0],
        [0, third, 0],
      ];
      const operator = circularBlur({ kernel: rows });
      const wave = tf.tensor4d([2, -1, -1, 2, -1, -1], [1, 6, 1, 1]);
      const x = tf.add<Tensor4D>(wave, 0.5);
      const restored = operator.pseudoInverse(operator.forward(x));
      expect(maxError(restored, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5])).toBeLessThan(1e-5);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => circularBlur({ kernel: [[1, 2]] })).toThrow(
      errorNaming('RangeError', 'circularBlur: kernel', '[k, k]', 'odd', '>= 3', 'got [1, 2]'),
    );
    const open = [...skewed.slice(0, 2), [0, NaN, 0]];
    expect(() => circularBlur({ kernel: open })).toThrow(
      errorNaming('RangeError', 'circularBlur: kernel', 'finite', 'got NaN'),
    );
  });
});
