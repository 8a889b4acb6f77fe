import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { phaseRetrieval } from '../../src/operators/phase-retrieval';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws, referenceLaw } from './operator-laws';

describe('phaseRetrieval', () => {
  useTestBackend('cpu');

  operatorLaws(
    { make: () => ({ operator: phaseRetrieval({ oversample: 2 }) }) },
    { linear: false },
  );

  referenceLaw('operator-phase-retrieval-2', () => ({
    operator: phaseRetrieval({ oversample: 2 }),
  }));

  it('has a conditional mean that keeps a true image, and knows no phase without one', () => {
    tf.tidy(() => {
      const operator = phaseRetrieval();
      const x = tf.randomUniform<tf.Rank.R4>([2, 11, 14, 3], -1, 1, 'float32', 5);
      const y = operator.forward(x);
      const sure = operator.conditionalMean(x, y, { std: 0.05, sigma: 1e-3 });
      expect(maxError(sure, x)).toBeLessThan(1e-4);
      const unsure = operator.conditionalMean(x, y, { std: 0.05, sigma: Infinity });
      expect(maxError(unsure, tf.fill(x.shape, -1))).toBeLessThan(0.02);
    });
  });

  it('takes the noise of an image for that of its coefficients', () => {
    tf.tidy(() => {
      const shape: [number, number, number, number] = [1, 64, 48, 1];
      const [sigma, half] = [0.3, 0.5];
      const noise = tf.randomNormal<tf.Rank.R4>(shape, -1, sigma, 'float32', 9);
      const y = phaseRetrieval().forward(noise);
      const measured = tf.mean(tf.square(y)).dataSync()[0]!;
      expect(measured / ((half * sigma) ** 2 * (noise.size / y.size))).toBeCloseTo(1, 1);
    });
  });

  it('agrees with the plain sum of complex exponentials, even and odd sizes', () => {
    tf.tidy(() => {
      const [height, width] = [5, 8];
      const x = tf.randomUniform<tf.Rank.R4>([1, height, width, 1], -1, 1, 'float32', 3);
      const values = x.dataSync();
      const [m, n] = [7, 12]; // floor(2 / 8 * 5) = 1 and floor(2 / 8 * 8) = 2 zeros on each side
      const expected: number[] = [];
      for (let k = -3; k <= 3; k++)
        for (let l = -6; l <= 5; l++) {
          let [real, imaginary] = [0, 0];
          for (let i = 0; i < height; i++)
            for (let j = 0; j < width; j++) {
              const angle = -2 * Math.PI * ((k * i) / m + (l * j) / n);
              const value = (values[i * width + j]! + 1) / 2;
              real += value * Math.cos(angle);
              imaginary += value * Math.sin(angle);
            }
          expected.push(Math.hypot(real, imaginary) / Math.sqrt(m * n));
        }
      const y = phaseRetrieval().forward(x);
      expect(y.shape).toEqual([1, m, n, 1]);
      expect(maxError(y, expected)).toBeLessThan(1e-5);
    });
  });

  it('has gradient 0, not NaN, where the magnitude is 0', () => {
    tf.tidy(() => {
      const black = tf.fill<tf.Rank.R4>([1, 8, 8, 1], -1);
      const gradient = tf.grad((x) => phaseRetrieval().forward(x as tf.Tensor4D))(black);
      expect(maxError(gradient, new Float32Array(64))).toBe(0);
    });
  });

  it.each([0, 0.5, 1.3, 2, 4])('finds every image size again at oversample %d', (oversample) => {
    const { imageShape } = phaseRetrieval({ oversample });
    for (let size = 1; size < 300; size++) {
      const measured = size + 2 * Math.floor((oversample / 8) * size);
      expect(imageShape!([1, measured, measured, 3])).toEqual([1, size, size, 3]);
    }
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => phaseRetrieval({ oversample: -1 })).toThrow(
      errorNaming('RangeError', 'phaseRetrieval: oversample', '>= 0', 'got -1'),
    );
    expect(() => phaseRetrieval().imageShape!([1, 96, 5, 3])).toThrow(
      errorNaming(
        'RangeError',
        'phaseRetrieval: measurement width',
        'size + 2 * floor(2 / 8 * size)',
        'got 5',
      ),
    );
  });
});
