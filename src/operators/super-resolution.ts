import { checkInteger } from '../internal/check';
import { buildMatrix, type Matrix } from '../internal/separable';
import type { SpectralOperator } from './operator';
import { separableReduction } from './separable-reduction';

/** Options of `superResolution`. */
export interface SuperResolutionOptions {
  /** Factor by which height and width shrink: an integer >= 2. */
  scale: number;
}

/** The cubic convolution kernel with a = -0.5. */
function cubic(distance: number): number {
  const t = Math.abs(distance);
  if (t <= 1) return (1.5 * t - 2.5) * t * t + 1;
  return t <= 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

/** Where a position outside `[0, size)` lies when the image is mirrored, border pixel repeated. */
function mirrorIndex(position: number, size: number): number {
  const period = 2 * size;
  const inside = ((position % period) + period) % period;
  return inside < size ? inside : period - 1 - inside;
}

/** Row i weighs the pixels around the centre of block i with the cubic stretched by `scale`. */
function bicubicMatrix(size: number, scale: number): Matrix {
  return buildMatrix(size / scale, size, (add) => {
    for (let i = 0; i < size / scale; i++) {
      const centre = (i + 0.5) * scale - 0.5;
      const first = Math.ceil(centre - 2 * scale);
      const weights = Array.from({ length: 4 * scale + 1 }, (_, k) =>
        cubic((first + k - centre) / scale),
      );
      const sum = weights.reduce((total, weight) => total + weight, 0);
      weights.forEach((weight, k) => {
        add(i, mirrorIndex(first + k, size), weight / sum);
      });
    }
  });
}

/**
 * Bicubic down-sampling by an integer factor: the image to restore is `scale` times larger.
 *
 * `y = R x C'`, R and C the antialiased bicubic matrices (a = -0.5, the kernel stretched by `scale`)
 * with mirrored borders. Takes `[batch, H, W, channels]`, values in [-1, 1], H and W divisible by
 * `scale`; gives `[batch, H / scale, W / scale, channels]`. Solver and pseudo-inverse are exact, from
 * the singular values of R and C.
 *
 * Throws `RangeError` for a scale that is no integer >= 2, and for an x that it does not divide.
 *
 * Reference: Keys, Cubic convolution interpolation for digital image processing, 1981.
 */
export function superResolution({ scale }: SuperResolutionOptions): SpectralOperator {
  checkInteger('superResolution', 'scale', scale, 2);
  return separableReduction('superResolution', scale, 2 * scale, (size) =>
    bicubicMatrix(size, scale),
  );
}
