import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { averagePooling } from '../../src/operators/average-pooling';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws } from './operator-laws';

describe('averagePooling', () => {
  useTestBackend('cpu');

  operatorLaws(
    { shapes: [[2, 30, 36, 1]], make: () => ({ operator: averagePooling({ scale: 3 }) }) },
    { linear: true, spectrum: true },
  );

  it('is the mean of each block, and its pseudo-inverse gives each pixel that mean', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 5, 6, 3, 6, 7, 10], [1, 2, 4, 1]);
      const operator = averagePooling({ scale: 2 });
      expect(maxError(operator.forward(x), [3, 7])).toBeLessThan(1e-6);
      const back = operator.pseudoInverse(tf.tensor4d([3, 7], [1, 1, 2, 1]));
      expect(maxError(back, [3, 3, 7, 7, 3, 3, 7, 7])).toBeLessThan(1e-5);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => averagePooling({ scale: 1 })).toThrow(
      errorNaming('RangeError', 'averagePooling: scale', 'integer', '>= 2', 'got 1'),
    );
    expect(() => averagePooling({ scale: 4 }).forward(tf.zeros([1, 8, 10, 3]))).toThrow(
      errorNaming(
        'RangeError',
        'averagePooling: x.shape',
        '[batch, height, width, channels]',
        'divisible by 4',
        'got [1, 8, 10, 3]',
      ),
    );
  });
});
