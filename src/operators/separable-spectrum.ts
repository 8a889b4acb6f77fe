import * as tf from '@tensorflow/tfjs';
import { applySeparable, applySeparableTransposed, type Matrix } from '../internal/separable';
import { type SingularValues, singularValues } from '../internal/singular-values';
import type { Spectrum } from './operator';

/**
 * The singular values of `R x C'`: products of those of R and C, each decomposed once, when first
 * asked for.
 *
 * @param matrix R or C for a height or width of the image, remembered by its size.
 * @param scale How many times larger the image is than its measurement.
 */
export function separableSpectrum(matrix: (size: number) => Matrix, scale = 1): Spectrum {
  const known = new Map<number, SingularValues>();
  const axis = (size: number): SingularValues => {
    const found = known.get(size) ?? singularValues(matrix(size));
    known.set(size, found);
    return found;
  };
  const map = (part: 'left' | 'right', height: number, width: number) => ({
    rows: axis(height)[part],
    columns: axis(width)[part],
  });
  return {
    values: ([, height, width]) =>
      tf.tidy(() => {
        const down = tf.tensor4d(axis(height).values, [1, height, 1, 1]);
        return tf.mul(down, tf.tensor4d(axis(width).values, [1, 1, width, 1]));
      }),
    analyze: (x) => applySeparable(x, map('right', x.shape[1], x.shape[2])),
    synthesize: (c) => applySeparableTransposed(c, map('right', c.shape[1], c.shape[2])),
    analyzeMeasurement: (y) =>
      applySeparable(y, map('left', y.shape[1] * scale, y.shape[2] * scale)),
  };
}
