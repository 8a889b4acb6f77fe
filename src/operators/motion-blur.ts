import type { Tensor2D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { correlate, correlateTransposed } from '../internal/correlate';
import { reflectFold, reflectPad } from '../internal/reflect-pad';
import { checkKernelFits } from './check-kernel';
import { linearOperator } from './linear-operator';
import { type MotionKernelOptions, motionKernel } from './motion-kernel';
import type { SolvableOperator } from './operator';

/** A blur kernel `[k, k]`, k odd: nested arrays, or a tensor that stays the caller's. */
export type BlurKernel = Tensor2D | readonly (readonly number[])[];

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

/** Checks nested arrays, and gives their numbers in a row. */
function flatten(kernel: readonly (readonly number[])[]): Float32Array {
  const values = Float32Array.from(kernel.flat());
  const finite = values.every(Number.isFinite);
  checkRange(finite, 'motionBlur', 'kernel', 'of finite numbers', 'NaN or Infinity');
  const sum = values.reduce((total, value) => total + value, 0);
  checkRange(sum !== 0, 'motionBlur', 'kernel', 'of a sum other than 0', sum);
  return values;
}

function kernelShape(kernel: BlurKernel): number[] {
  if ('shape' in kernel) return kernel.shape;
  const widths = [...new Set(kernel.map((row) => row.length))];
  return [kernel.length, ...widths];
}

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
  const shape = kernelShape(kernel);
  const size = shape[0]!;
  const square = shape.length === 2 && shape[1] === size && size % 2 === 1 && size >= 3;
  checkRange(square, 'motionBlur', 'kernel', '[k, k] with k odd and >= 3', shape);
  const values = 'shape' in kernel ? kernel : flatten(kernel);
  const tensor = (): Tensor2D =>
    'shape' in values ? values : tf.tensor2d(values, [size, size], 'float32');
  const border = size >> 1;
  return linearOperator({
    name: 'motionBlur',
    checkShape: (x) => checkKernelFits('motionBlur', x, size),
    forward: (x) => tf.tidy(() => correlate(reflectPad(x, border), tensor())),
    adjoint: (y) => tf.tidy(() => reflectFold(correlateTransposed(y, tensor()), border)),
  });
}
