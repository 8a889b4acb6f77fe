import type { Tensor3D, TensorInfo } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** The part of the wasm backend that its own kernels are written with. */
interface Heap {
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
}

/** A part of `[outer, rows, columns]`: `height` rows, `step` apart, of `width` columns. */
interface Part {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  readonly step: number;
}

function takePart(x: Tensor3D, { top, left, height, width, step }: Part): Tensor3D {
  const heap = tf.backend() as unknown as Heap;
  const [outer, rows, columns] = x.shape;
  const output = heap.makeOutput([outer, height, width], 'float32');
  // Views of the heap, which may have grown for the output.
  const from = heap.typedArrayFromHeap(x);
  const to = heap.typedArrayFromHeap(output);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < height; i++) {
      const row = top + i * step;
      const at = (o * height + i) * width;
      const start = (o * rows + row) * columns + left;
      if (row < 0 || row >= rows) to.fill(0, at, at + width);
      else to.set(from.subarray(start, start + width), at);
    }
  return tf.engine().makeTensorFromTensorInfo(output) as Tensor3D;
}

/**
 * Rows `begin`, `begin + step` and so on of x `[outer, rows, columns]`, `count` of them, on the wasm
 * backend; zero outside. Without a gradient.
 */
export const takeRows = (
  x: Tensor3D,
  { begin, step, count }: { begin: number; step: number; count: number },
): Tensor3D => takePart(x, { top: begin, left: 0, height: count, width: x.shape[2], step });

/**
 * `tf.slice` of rows and columns, without a gradient: on wasm `tf.slice` copies all of its input before it
 * takes a part.
 */
export function cut(
  x: Tensor3D,
  [top, left]: readonly [number, number],
  [height, width]: readonly [number, number],
): Tensor3D {
  if (tf.getBackend() === 'wasm') return takePart(x, { top, left, height, width, step: 1 });
  return tf.slice(x, [0, top, left], [x.shape[0], height, width]);
}

/** Each row of x `[outer, rows, columns]`, without a gradient. */
export const eachRow = (x: Tensor3D): Tensor3D[] => {
  const [, rows, columns] = x.shape;
  return Array.from({ length: rows }, (_, row) => cut(x, [row, 0], [1, columns]));
};
