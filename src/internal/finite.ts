import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from './check';

/** Reads a tensor and disposes it. */
export async function readOnce(tensor: Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data()) as Float32Array;
  } finally {
    tensor.dispose();
  }
}

/** 0 for each item that is finite, NaN for each other one. */
export const finiteItems = (x: Tensor4D): Tensor1D =>
  tf.tidy(() => tf.sum(tf.mul(x, 0), [1, 2, 3]) as Tensor1D);

/** `[0, 3, 5, 1]`: the position of number `index` in a tensor of this shape. */
function position(index: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${place.join(', ')}]`;
}

/** `RangeError` that names the first value which is not finite, and its place. */
export async function checkFinite(owner: string, option: string, x: Tensor): Promise<void> {
  const [zero] = await readOnce(tf.tidy(() => tf.sum(tf.mul(x, 0))));
  if (zero === 0) return;
  const values = await x.data();
  const at = values.findIndex((value) => !Number.isFinite(value));
  checkRange(false, owner, option, 'finite', `${values[at]} at ${position(at, x.shape)}`);
}
