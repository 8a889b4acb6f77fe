import { checkPositive, checkRange } from '../internal/check';
import { reflectIndex } from '../internal/reflect-pad';
import {
  applySeparable,
  applySeparableTransposed,
  buildMatrix,
  matrixBySize,
} from '../internal/separable';
import { checkKernelFits, checkKernelSize } from './check-kernel';
import { linearOperator } from './linear-operator';
import type { SpectralOperator } from './operator';
import { separableSpectrum } from './separable-spectrum';

/** Options of `gaussianBlur`. */
export interface GaussianBlurOptions {
  /** Side of the kernel in pixels: an odd integer >= 3. */
  kernelSize: number;
  /** Standard deviation of the Gaussian in pixels, > 0. */
  std: number;
}

/**
 * One axis of the kernel, as scipy's `gaussian_filter` answers to a centred impulse: the Gaussian
 * cut at 4 std, and what reaches past the ends mirrored back inside.
 */
function gaussianTaps(kernelSize: number, std: number): Float64Array {
  const radius = Math.floor(4 * std + 0.5);
  const weight = (offset: number) => Math.exp(-(offset ** 2) / (2 * std ** 2));
  let sum = 0;
  for (let offset = -radius; offset <= radius; offset++) sum += weight(offset);
  const taps = new Float64Array(kernelSize);
  const period = 2 * kernelSize;
  for (let offset = -radius; offset <= radius; offset++) {
    const place = ((((kernelSize >> 1) + offset) % period) + period) % period;
    taps[place < kernelSize ? place : period - 1 - place]! += weight(offset) / sum;
  }
  return taps;
}

/**
 * Gaussian blur, the same for all channels.
 *
 * `y = R x C'`, each row of R and C the Gaussian kernel laid over the image continued by reflection
 * about its border pixels. Takes and gives `[batch, height, width, channels]`, values in [-1, 1];
 * height and width must be greater than `kernelSize / 2`. Solver and pseudo-inverse are exact, from
 * the singular values of R and C.
 *
 * Throws `RangeError` for a kernelSize that is no odd integer >= 3, a std <= 0, and an x too small.
 *
 * Reference: Chung et al., Diffusion posterior sampling, 2023 (kernel size 61, std 3).
 */
export function gaussianBlur({ kernelSize, std }: GaussianBlurOptions): SpectralOperator {
  checkKernelSize('gaussianBlur', kernelSize);
  checkPositive('gaussianBlur', 'std', std);
  checkRange(std <= 1e4, 'gaussianBlur', 'std', 'at most 10000 pixels', std);
  const taps = gaussianTaps(kernelSize, std);
  const radius = kernelSize >> 1;
  const matrix = matrixBySize((size) =>
    buildMatrix(size, size, (add) => {
      for (let i = 0; i < size; i++)
        taps.forEach((tap, k) => {
          add(i, reflectIndex(i + k - radius, size), tap);
        });
    }),
  );
  const map = (height: number, width: number) => ({ rows: matrix(height), columns: matrix(width) });
  return linearOperator({
    name: 'gaussianBlur',
    reach: radius,
    checkShape: (x) => checkKernelFits('gaussianBlur', x, kernelSize),
    forward: (x) => applySeparable(x, map(x.shape[1], x.shape[2])),
    adjoint: (y) => applySeparableTransposed(y, map(y.shape[1], y.shape[2])),
    spectrum: separableSpectrum(matrix),
  });
}
