import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { correlate } from '../internal/correlate';
import { dctMatrix, responseMatrix } from '../internal/dct';
import { mirrorPad } from '../internal/mirror-pad';
import { applySeparable, applySeparableTransposed, matrixBySize } from '../internal/separable';
import { checkKernelFits } from './check-kernel';
import { discKernel } from './disc-kernel';
import { linearOperator } from './linear-operator';
import type { Shape4D, SpectralOperator } from './operator';

/** Options of `defocusBlur`. */
export interface DefocusBlurOptions {
  /** Radius of the disc in pixels, in (0, 500]; any number, such as 2.7. */
  radius: number;
}

/**
 * A lens out of focus: correlation of every channel with a disc (`discKernel`), the image continued by
 * mirroring with its border pixel repeated.
 *
 * `y = A x` with `A = C' diag(λ) C`, C the 2-D DCT and λ the response of the disc, since mirroring keeps
 * the symmetry of the disc. So A is its own adjoint, the singular values are |λ|, and solver and
 * pseudo-inverse are exact. Takes and gives `[batch, height, width, channels]`, values in [-1, 1];
 * height and width must be greater than half of the kernel, `2 ceil(radius - 1/2) + 1` pixels.
 *
 * @throws RangeError for a radius outside (0, 500], and an x that is too small.
 */
export function defocusBlur({ radius }: DefocusBlurOptions): SpectralOperator {
  checkRange(radius > 0 && radius <= 500, 'defocusBlur', 'radius', 'in (0, 500]', radius);
  const kernel = discKernel(radius);
  const size = kernel.length;
  const cosines = matrixBySize(dctMatrix);
  const responses = matrixBySize((side) => responseMatrix(side, size));
  const map = ([, height, width]: Shape4D, matrix = cosines) => ({
    rows: matrix(height),
    columns: matrix(width),
  });
  const disc = () => tf.tensor2d(kernel, [size, size]);
  const response = (shape: Shape4D): Tensor4D =>
    applySeparable(tf.reshape(disc(), [1, size, size, 1]), map(shape, responses));
  const blur = (x: Tensor4D) => tf.tidy(() => correlate(mirrorPad(x, size >> 1), disc()));
  return linearOperator({
    name: 'defocusBlur',
    reach: size >> 1,
    checkShape: (x) => checkKernelFits('defocusBlur', x, size),
    forward: blur,
    adjoint: blur,
    spectrum: {
      values: (shape) => tf.tidy(() => tf.abs(response(shape))),
      analyze: (x) => applySeparable(x, map(x.shape)),
      synthesize: (c) => applySeparableTransposed(c, map(c.shape)),
      analyzeMeasurement: (y) =>
        tf.tidy(() =>
          tf.mul<Tensor4D>(applySeparable(y, map(y.shape)), tf.sign(response(y.shape))),
        ),
    },
  });
}
