import type { Tensor, Tensor3D, TensorInfo } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** The rows `begin`, `begin + step` and so on, `count` of them. */
export interface RowRange {
  readonly begin: number;
  readonly step: number;
  readonly count: number;
}

/** The part of the wasm backend that its own kernels are written with. */
interface Heap {
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
}

const kernelName = 'SpgdTakeRows';

const kernel = {
  kernelName,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }: { inputs: object; attrs?: object; backend: unknown }) {
    const { x } = inputs as { x: TensorInfo };
    const { begin, step, count } = attrs as RowRange;
    const heap = backend as Heap;
    const [outer, rows, inner] = x.shape as [number, number, number];
    const output = heap.makeOutput([outer, count, inner], 'float32');
    // Views of the heap: taken once it has its final size.
    const from = heap.typedArrayFromHeap(x);
    const to = heap.typedArrayFromHeap(output);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < count; i++) {
        const row = begin + i * step;
        const at = (o * count + i) * inner;
        if (row < 0 || row >= rows) to.fill(0, at, at + inner);
        else to.set(from.subarray((o * rows + row) * inner, (o * rows + row + 1) * inner), at);
      }
    return output;
  },
};

/**
 * Rows of x `[outer, rows, inner]` on the wasm backend, zero outside. `tf.slice` copies all of its input
 * there before it takes a part. Without a gradient.
 */
export function takeRows(x: Tensor3D, range: RowRange): Tensor3D {
  if (!tf.getKernel(kernelName, 'wasm')) tf.registerKernel(kernel);
  return tf.engine().runKernel(kernelName, { x }, { ...range }) as Tensor as Tensor3D;
}

/** Each row of x `[outer, rows, inner]`. Without a gradient. */
export function eachRow(x: Tensor3D): Tensor3D[] {
  const rows = x.shape[1];
  if (tf.getBackend() !== 'wasm') return tf.split(x, rows, 1);
  return Array.from({ length: rows }, (_, begin) => takeRows(x, { begin, step: 1, count: 1 }));
}
