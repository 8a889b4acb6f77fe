import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { defocusBlur } from '../../src/operators/defocus-blur';
import { discKernel } from '../../src/operators/disc-kernel';
import { motionBlur } from '../../src/operators/motion-blur';
import { useTestBackend } from '../support/backend';
import { maxError, relativeError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws } from './operator-laws';

describe('defocusBlur', () => {
  useTestBackend('cpu');

  operatorLaws(
    { make: () => ({ operator: defocusBlur({ radius: 2.7 }) }) },
    { linear: true, spectrum: true },
  );

  it('correlates with the disc, and mirrors the image with its border pixel repeated', () => {
    tf.tidy(() => {
      const x = tf.randomUniform<tf.Rank.R4>([1, 17, 19, 2], -1, 1, 'float32', 3);
      const inside = (y: tf.Tensor4D) => tf.slice(y, [0, 3, 3, 0], [1, 11, 13, 2]);
      const reflected = motionBlur({ kernel: discKernel(3) }).forward(x);
      const mirrored = defocusBlur({ radius: 3 }).forward(x);
      expect(maxError(inside(mirrored), inside(reflected))).toBeLessThan(1e-6);
      const line = tf.tensor4d([4, 0, 0, 0], [1, 1, 4, 1]);
      const tall = tf.tile(line, [1, 4, 1, 1]);
      const columns = discKernel(1)[0]!.map((_, k) =>
        discKernel(1).reduce((sum, row) => sum + row[k]!, 0),
      );
      const expected = [4 * (columns[0]! + columns[1]!), 4 * columns[0]!, 0, 0];
      const row = tf.slice(defocusBlur({ radius: 1 }).forward(tall), [0, 2, 0, 0], [1, 1, 4, 1]);
      expect(relativeError(row, expected)).toBeLessThan(1e-6);
    });
  });

  it('is nothing for a disc within a pixel, and blurs the smallest image that mirroring allows', () => {
    tf.tidy(() => {
      const x = tf.randomUniform<tf.Rank.R4>([1, 5, 7, 1], -1, 1, 'float32', 3);
      expect(maxError(defocusBlur({ radius: 0.4 }).forward(x), x)).toBeLessThan(1e-6);
      expect(defocusBlur({ radius: 4 }).forward(x).shape).toEqual(x.shape);
      expect(() => defocusBlur({ radius: 5 }).forward(x)).toThrow(
        errorNaming('RangeError', 'defocusBlur: x.shape', '> kernelSize / 2 = 5.5', '[1, 5, 7, 1]'),
      );
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => defocusBlur({ radius: -1 })).toThrow(
      errorNaming('RangeError', 'defocusBlur: radius', 'in (0, 500]', 'got -1'),
    );
  });
});
