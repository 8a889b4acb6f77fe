import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { superResolution } from '../../src/operators/super-resolution';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws, referenceLaw } from './operator-laws';

describe('superResolution', () => {
  useTestBackend('cpu');

  operatorLaws(
    {
      shapes: [
        [2, 28, 36, 3],
        [2, 28, 36, 1],
        [3, 36, 28, 4],
      ],
      make: () => ({ operator: superResolution({ scale: 4 }) }),
    },
    { linear: true, spectrum: true },
  );

  referenceLaw('operator-down-sampling-x4', () => ({ operator: superResolution({ scale: 4 }) }));

  it.each([2, 3, 5])('keeps a constant image constant at scale %i', (scale) => {
    tf.tidy(() => {
      const y = superResolution({ scale }).forward(tf.fill([1, 2 * scale, 3 * scale, 2], 0.7));
      expect(y.shape).toEqual([1, 2, 3, 2]);
      expect(maxError(y, new Float32Array(12).fill(0.7))).toBeLessThan(1e-6);
    });
  });

  it('keeps a ramp a ramp away from the border', () => {
    tf.tidy(() => {
      const ramp = tf.reshape(tf.range(0, 40), [1, 40, 1, 1]);
      const y = superResolution({ scale: 4 }).forward(tf.tile(ramp, [1, 1, 4, 1]) as tf.Tensor4D);
      expect(maxError(y.dataSync().slice(2, 8), [9.5, 13.5, 17.5, 21.5, 25.5, 29.5])).toBeLessThan(
        1e-4,
      );
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => superResolution({ scale: 1 })).toThrow(
      errorNaming('RangeError', 'superResolution: scale', 'integer', '>= 2', 'got 1'),
    );
    expect(() => superResolution({ scale: 2.5 })).toThrow(
      errorNaming('RangeError', 'superResolution: scale', 'integer', '>= 2', 'got 2.5'),
    );
    tf.tidy(() => {
      const operator = superResolution({ scale: 4 });
      const x = tf.zeros<tf.Rank.R4>([1, 30, 36, 3]);
      expect(() => operator.forward(x)).toThrow(
        errorNaming(
          'RangeError',
          'superResolution: x.shape',
          '[batch, height, width, channels]',
          'divisible by 4',
          'got [1, 30, 36, 3]',
        ),
      );
      expect(() => operator.solve!(x, 0)).toThrow(
        errorNaming('RangeError', 'superResolution: damping', '> 0', 'got 0'),
      );
    });
  });
});
