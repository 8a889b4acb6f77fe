import * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../internal/check';
import { correlate, correlateTransposed } from '../internal/correlate';
import { reflectFold, reflectPad } from '../internal/reflect-pad';
import { checkBlurKernel, type GivenKernel } from './blur-kernel';
import { checkKernelFits } from './check-kernel';
import { linearOperator } from './linear-operator';
import { type MotionKernelOptions, motionKernel } from './motion-kernel';
import type { SolvableOperator } from './operator';

/** Options of `motionBlur`: a kernel, or the options of a random one. */
export type MotionBlurOptions = (GivenKernel | MotionKernelOptions) & {
  /**
   * Conjugate-gradient iterations of `pseudoInverse`, and the most of `solve`, which ends earlier
   * where its damping makes it exact to 1e-4; an integer >= 1. Fewer are quicker and less exact.
   * @default 50
   */
  iterations?: number;
};

/**
 * Motion blur: correlation of every channel with one kernel, the image continued by reflection.
 *
 * `y[i, j] = sum_uv kernel[u, v] x[i + u - k/2, j + v - k/2]`. Orientation: a correlation blurs a point
 * of light to the kernel rotated by 180°. Takes and gives `[batch, height, width, channels]`, values
 * in [-1, 1]; height and width must be greater than `k / 2`.
 *
 * @throws RangeError for a kernel that is not odd and square, not finite or not of sum 1, for options
 * that `motionKernel` refuses, and for an x that is too small; TypeError for a disposed kernel.
 *
 * Reference: Chung et al., Diffusion posterior sampling, 2023 (kernel size 61, intensity 0.5).
 */
export function motionBlur(options: MotionBlurOptions): SolvableOperator {
  const { iterations } = options;
  if (iterations !== undefined) checkInteger('motionBlur', 'iterations', iterations, 1);
  const given = 'kernel' in options ? options : { kernel: motionKernel(options) };
  const { size, reach, tensor, bands, norm, check } = checkBlurKernel('motionBlur', given);
  return linearOperator({
    name: 'motionBlur',
    reach,
    ...(iterations !== undefined && { iterations }),
    norm,
    check,
    checkShape: (x) => checkKernelFits('motionBlur', x, size),
    forward: (x) => tf.tidy(() => correlate(reflectPad(x, reach), tensor(), bands)),
    adjoint: (y) => tf.tidy(() => reflectFold(correlateTransposed(y, tensor(), bands), reach)),
  });
}
