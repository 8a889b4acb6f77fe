import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { motionBlur } from '../../src/operators/motion-blur';
import { motionKernel } from '../../src/operators/motion-kernel';
import { useTestBackend } from '../support/backend';
import { maxError, relativeError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws, referenceLaw } from './operator-laws';

describe('motionBlur', () => {
  useTestBackend('cpu');

  operatorLaws(
    { make: () => ({ operator: motionBlur({ kernelSize: 7, intensity: 0.5, seed: 3 }) }) },
    { linear: true },
  );

  referenceLaw('operator-motion-blur', (fixture) => {
    const kernel = fixture.tensor<tf.Rank.R2>('kernel');
    return { operator: motionBlur({ kernel }), borrowed: kernel };
  });

  it('correlates, and continues the image by reflection', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 4, 8, 16, 32, 64, 128, 256], [1, 3, 3, 1]);
      const kernel = [
        [0, 0, 0],
        [1, 0, 0],
        [0, 0, 100],
      ];
      const y = motionBlur({ kernel, normalize: true }).forward(x);
      const expected = [1602, 3201, 1602, 12816, 25608, 12816, 1728, 3264, 1728];
      expect(relativeError(tf.mul(y, 101), expected)).toBeLessThan(1e-6);
    });
  });

  it('correlates the part of a kernel that is not 0 alone, with the same result', () => {
    const kernel = Array.from({ length: 21 }, () => new Array<number>(21).fill(0));
    kernel[2]![3] = 0.25; // in the first band of rows,
    kernel[5]![12] = 0.125;
    kernel[9]![6] = 0.5; // in the second, and none in the third
    kernel[10]![7] = 0.125;
    tf.tidy(() => {
      const x = tf.randomUniform<tf.Rank.R4>([2, 13, 11, 3], -1, 1, 'float32', 5);
      const y = tf.randomUniform<tf.Rank.R4>([2, 13, 11, 3], -1, 1, 'float32', 6);
      const cut = motionBlur({ kernel });
      const whole = motionBlur({ kernel: tf.tensor2d(kernel) }); // values on the device: all of it
      expect(maxError(cut.forward(x), whole.forward(x))).toBeLessThan(1e-6);
      expect(maxError(cut.adjoint(y), whole.adjoint(y))).toBeLessThan(1e-6);
    });
  });

  it('takes a kernel as nested arrays or as a tensor', () => {
    const kernel = motionKernel({ kernelSize: 11, seed: 4 });
    tf.tidy(() => {
      const x = tf.randomUniform<tf.Rank.R4>([1, 13, 12, 2], -1, 1, 'float32', 5);
      const plain = motionBlur({ kernel }).forward(x);
      const tensor = motionBlur({ kernel: tf.tensor2d(kernel) }).forward(x);
      const seeded = motionBlur({ kernelSize: 11, seed: 4 }).forward(x);
      expect(maxError(plain, tensor)).toBeLessThan(1e-6); // added in another order
      expect(maxError(plain, seeded)).toBe(0);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    const row = [1, 1, 1];
    expect(() => motionBlur({ kernel: [row, row] })).toThrow(
      errorNaming('RangeError', 'motionBlur: kernel', '[k, k]', 'odd', '>= 3', 'got [2, 3]'),
    );
    expect(() => motionBlur({ kernel: [row, [1, NaN, 1], row] })).toThrow(
      errorNaming('RangeError', 'motionBlur: kernel', 'finite', 'got NaN'),
    );
    expect(() => motionBlur({ kernel: [row, [-2, -2, -2], row] })).toThrow(
      errorNaming(
        'RangeError',
        'motionBlur: kernel',
        'of sum 1',
        'normalize true',
        'got a sum of 0',
      ),
    );
    expect(() => motionBlur({ kernelSize: 8 })).toThrow(
      errorNaming('RangeError', 'motionKernel: kernelSize', 'odd', 'integer', '>= 3', 'got 8'),
    );
    tf.tidy(() => {
      const operator = motionBlur({ kernelSize: 9 });
      const x = tf.zeros<tf.Rank.R4>([1, 9, 4, 3]);
      expect(() => operator.forward(x)).toThrow(
        errorNaming(
          'RangeError',
          'motionBlur: x.shape',
          '[batch, height, width, channels]',
          '> kernelSize / 2 = 4.5',
          'got [1, 9, 4, 3]',
        ),
      );
    });
  });
});
