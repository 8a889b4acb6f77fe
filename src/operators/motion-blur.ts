import * as tf from '@tensorflow/tfjs';
import { correlate, correlateTransposed } from '../internal/correlate';
import { reflectFold, reflectPad } from '../internal/reflect-pad';
import { type BlurKernel, checkBlurKernel } from './blur-kernel';
import { checkKernelFits } from './check-kernel';
import { linearOperator } from './linear-operator';
import { type MotionKernelOptions, motionKernel } from './motion-kernel';
import type { SolvableOperator } from './operator';

/** Options of `motionBlur`: a kernel, or what makes a random one. */
export type MotionBlurOptions =
  | {
      /**
       * The correlation kernel, used as given: `[k, k]`, k odd and >= 3. Numbers in arrays must be
       * finite with a sum other than 0; a tensor is not read back, and must live as long as the
       * operator.
       */
      kernel: BlurKernel;
    }
  | MotionKernelOptions;

/**
 * Motion blur: correlation of every channel with one kernel, the image continued by reflection.
 *
 * `y[i, j] = sum_uv kernel[u, v] x[i + u - k/2, j + v - k/2]`. Takes and gives `[batch, height, width,
 * channels]`, values in [-1, 1]; height and width must be greater than `k / 2`.
 *
 * Throws `RangeError` for a kernel that is not odd and square or not finite, for options that
 * `motionKernel` refuses, and for an x too small.
 *
 * Reference: Chung et al., Diffusion posterior sampling, 2023 (kernel size 61, intensity 0.5).
 */
export function motionBlur(options: MotionBlurOptions): SolvableOperator {
  const kernel = 'kernel' in options ? options.kernel : motionKernel(options);
  const { size, tensor } = checkBlurKernel('motionBlur', kernel);
  const border = size >> 1;
  return linearOperator({
    name: 'motionBlur',
    reach: border,
    checkShape: (x) => checkKernelFits('motionBlur', x, size),
    forward: (x) => tf.tidy(() => correlate(reflectPad(x, border), tensor())),
    adjoint: (y) => tf.tidy(() => reflectFold(correlateTransposed(y, tensor()), border)),
  });
}
