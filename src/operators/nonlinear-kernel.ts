import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { BlurNetwork } from '../internal/blur-network';
import { checkInteger } from '../internal/check';
import { checkSeed, itemRandom } from '../internal/random';

/** Options of `nonlinearKernel`. */
export interface NonlinearKernelOptions {
  /** Height of the image in pixels. */
  height: number;
  /** Width of the image in pixels. */
  width: number;
  /**
   * Any integer; the same seed gives the same code.
   * @default 0
   */
  seed?: number;
}

/** Standard deviation of a code, as released. */
const std = 1.2;

/**
 * A random kernel code of `nonlinearBlur`, `[1, ceil(height / 128), ceil(width / 128), channels]`:
 * independent normal numbers of standard deviation 1.2. The caller disposes it.
 *
 * Throws `RangeError` for sizes that are no positive integers and a seed that is no integer.
 *
 * Reference: Chung et al., Diffusion posterior sampling, 2023.
 */
export function nonlinearKernel(
  { multipleOf, kernelChannels }: BlurNetwork,
  { height, width, seed = 0 }: NonlinearKernelOptions,
): Tensor4D {
  checkInteger('nonlinearKernel', 'height', height, 1);
  checkInteger('nonlinearKernel', 'width', width, 1);
  checkSeed('nonlinearKernel', 'seed', seed);
  const [rows, columns] = [height, width].map((side) => Math.ceil(side / multipleOf));
  return tf.tidy(() => {
    const { normal } = itemRandom('kernel', [seed]);
    return tf.mul(normal([1, rows!, columns!, kernelChannels]), std);
  });
}
