import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { type BayerPattern, demosaicing } from '../../src/operators/demosaicing';
import type { Shape4D } from '../../src/operators/operator';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws } from './operator-laws';

const shapes: readonly Shape4D[] = [[2, 31, 37, 3]];

describe('demosaicing', () => {
  useTestBackend('cpu');

  operatorLaws(
    { shapes, make: () => ({ operator: demosaicing({ pattern: 'GBRG' }) }) },
    { linear: true, spectrum: true },
  );

  it.each([
    ['RGGB', [0, 1, 1, 2]],
    ['BGGR', [2, 1, 1, 0]],
    ['GRBG', [1, 0, 2, 1]],
    ['GBRG', [1, 2, 0, 1]],
  ] as const)('sees the colours of %s', (pattern: BayerPattern, cell) => {
    tf.tidy(() => {
      const x = tf.tile(tf.tensor4d([0, 1, 2], [1, 1, 1, 3]), [1, 3, 5, 1]);
      const y = demosaicing({ pattern }).forward(x).dataSync();
      const expected = Array.from({ length: 15 }, (_, at) => {
        const [row, column] = [Math.floor(at / 5) % 2, (at % 5) % 2];
        return cell[2 * row + column];
      });
      expect([...y]).toEqual(expected);
    });
  });

  it('shows y by bilinear interpolation: exact for a plane inside, and for a flat colour', () => {
    tf.tidy(() => {
      const operator = demosaicing();
      const rows = tf.reshape(tf.linspace(-0.5, 0.4, 9), [1, 9, 1, 1]);
      const columns = tf.reshape(tf.linspace(-0.3, 0.5, 12), [1, 1, 12, 1]);
      const slopes = tf.tensor4d([1, 0.5, -1], [1, 1, 1, 3]);
      const plane = tf.mul<tf.Tensor4D>(tf.add(rows, columns), slopes);
      const inside = (x: tf.Tensor4D) => tf.slice(x, [0, 1, 1, 0], [1, 7, 10, 3]);
      const shown = operator.decode(operator.forward(plane));
      expect(maxError(inside(shown), inside(plane))).toBeLessThan(1e-6);
      const flat = tf.tile(tf.tensor4d([0.1, -0.7, 0.6], [1, 1, 1, 3]), [2, 5, 6, 1]);
      expect(maxError(operator.decode(operator.forward(flat)), flat)).toBeLessThan(1e-6);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => demosaicing({ pattern: 'RGBG' as BayerPattern })).toThrow(
      errorNaming('RangeError', 'demosaicing: pattern', 'one of RGGB, BGGR', 'got RGBG'),
    );
    expect(() => demosaicing().forward(tf.zeros([1, 4, 5, 1]))).toThrow(
      errorNaming(
        'RangeError',
        'demosaicing: x.shape',
        '[batch, height, width, 3]',
        '[1, 4, 5, 1]',
      ),
    );
  });
});
