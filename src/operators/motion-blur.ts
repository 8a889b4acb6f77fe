import * as tf from '@tensorflow/tfjs';
import { correlate, correlateTransposed } from '../internal/correlate';
import { reflectFold, reflectPad } from '../internal/reflect-pad';
import { checkBlurKernel, type GivenKernel } from './blur-kernel';
import { checkKernelFits } from './check-kernel';
import { linearOperator } from './linear-operator';
import { type MotionKernelOptions, motionKernel } from './motion-kernel';
import type { SolvableOperator } from './operator';

/** Options of `motionBlur`: a kernel, or the options of a random one. */
export type MotionBlurOptions = GivenKernel | MotionKernelOptions;

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
  const given = 'kernel' in options ? options : { kernel: motionKernel(options) };
  const { size, tensor, check } = checkBlurKernel('motionBlur', given);
  const border = size >> 1;
  return linearOperator({
    name: 'motionBlur',
    reach: border,
    check,
    checkShape: (x) => checkKernelFits('motionBlur', x, size),
    forward: (x) => tf.tidy(() => correlate(reflectPad(x, border), tensor())),
    adjoint: (y) => tf.tidy(() => reflectFold(correlateTransposed(y, tensor()), border)),
  });
}
