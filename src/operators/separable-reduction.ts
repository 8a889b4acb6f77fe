import { checkRange } from '../internal/check';
import {
  applySeparable,
  applySeparableTransposed,
  type Matrix,
  matrixBySize,
} from '../internal/separable';
import { linearOperator } from './linear-operator';
import type { SpectralOperator } from './operator';
import { separableSpectrum } from './separable-spectrum';

/** `y = R x C'`, which makes the image `scale` times smaller; `make` gives R or C by the size of x, and
 * `reach` is how far a row of them looks. */
export function separableReduction(
  name: string,
  scale: number,
  reach: number,
  make: (size: number) => Matrix,
): SpectralOperator {
  const matrix = matrixBySize(make);
  const maps = (height: number, width: number) => ({
    rows: matrix(height),
    columns: matrix(width),
  });
  return linearOperator({
    name,
    reach,
    checkShape: ({ shape }) => {
      const fits = shape[1] % scale === 0 && shape[2] % scale === 0;
      const rule = `[batch, height, width, channels] with height and width divisible by ${scale}`;
      checkRange(fits, name, 'x.shape', rule, shape);
    },
    forward: (x) => applySeparable(x, maps(x.shape[1], x.shape[2])),
    adjoint: (y) => applySeparableTransposed(y, maps(y.shape[1] * scale, y.shape[2] * scale)),
    imageShape: ([batch, height, width, channels]) => [
      batch,
      height * scale,
      width * scale,
      channels,
    ],
    spectrum: separableSpectrum(matrix, scale),
  });
}
