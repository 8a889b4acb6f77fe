import type { Tensor2D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';

/** A blur kernel `[k, k]`, k odd: nested arrays, or a tensor that stays the caller's. */
export type BlurKernel = Tensor2D | readonly (readonly number[])[];

/** Checks nested arrays, and gives their numbers in a row. */
function flatten(owner: string, kernel: readonly (readonly number[])[]): Float32Array {
  const values = Float32Array.from(kernel.flat());
  const finite = values.every(Number.isFinite);
  checkRange(finite, owner, 'kernel', 'of finite numbers', 'NaN or Infinity');
  const sum = values.reduce((total, value) => total + value, 0);
  checkRange(sum !== 0, owner, 'kernel', 'of a sum other than 0', sum);
  return values;
}

function kernelShape(kernel: BlurKernel): number[] {
  if ('shape' in kernel) return kernel.shape;
  const widths = [...new Set(kernel.map((row) => row.length))];
  return [kernel.length, ...widths];
}

/** Checks a kernel; `tensor` gives it, to be used inside a tidy. */
export function checkBlurKernel(
  owner: string,
  kernel: BlurKernel,
): { size: number; tensor: () => Tensor2D } {
  const shape = kernelShape(kernel);
  const size = shape[0]!;
  const square = shape.length === 2 && shape[1] === size && size % 2 === 1 && size >= 3;
  checkRange(square, owner, 'kernel', '[k, k] with k odd and >= 3', shape);
  if ('shape' in kernel) return { size, tensor: () => kernel };
  const values = flatten(owner, kernel);
  return { size, tensor: () => tf.tensor2d(values, [size, size], 'float32') };
}
