import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { colorization } from '../../src/operators/colorization';
import type { Shape4D } from '../../src/operators/operator';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws } from './operator-laws';

const shapes: readonly Shape4D[] = [[2, 31, 37, 3]];

describe('colorization', () => {
  useTestBackend('cpu');

  operatorLaws(
    { shapes, make: () => ({ operator: colorization() }) },
    { linear: true, spectrum: true },
  );

  describe('of one channel alone', () => {
    const weights = [1, 0, 0] as const;
    operatorLaws(
      { shapes, make: () => ({ operator: colorization({ weights }) }) },
      { linear: true, spectrum: true },
    );
  });

  it('weighs the channels, and has the pseudo-inverse w y / |w|²', () => {
    tf.tidy(() => {
      const operator = colorization({ weights: [0.2, 0.7, 0.1] });
      const y = operator.forward(tf.tensor4d([1, 0.5, -1, 0, 0, 1], [1, 1, 2, 3]));
      expect(maxError(y, [0.45, 0.1])).toBeLessThan(1e-6);
      const square = 0.04 + 0.49 + 0.01;
      const expected = [0.2, 0.7, 0.1].map((weight) => (weight * 0.45) / square);
      const inverse = tf.slice(operator.pseudoInverse(y), [0, 0, 0, 0], [1, 1, 1, 3]);
      expect(maxError(inverse, expected)).toBeLessThan(1e-6);
    });
  });

  it('shows y as a grey image in colour, which measures y', () => {
    tf.tidy(() => {
      const y = tf.randomUniform<tf.Rank.R4>([2, 5, 3, 1], -1, 1, 'float32', 4);
      const operator = colorization();
      expect(operator.decode(y).shape).toEqual([2, 5, 3, 3]);
      expect(maxError(operator.forward(operator.decode(y)), y)).toBeLessThan(1e-6);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => colorization({ weights: [0.5, 0.6, -0.1] })).toThrow(
      errorNaming('RangeError', 'colorization: weights', '3 numbers >= 0 of sum 1', '0.6, -0.1]'),
    );
    expect(() => colorization().forward(tf.zeros([1, 4, 5, 1]))).toThrow(
      errorNaming(
        'RangeError',
        'colorization: x.shape',
        '[batch, height, width, 3]',
        '[1, 4, 5, 1]',
      ),
    );
  });
});
