import * as tf from '@tensorflow/tfjs';

const gigabyte = 2 ** 30;

/** WebAssembly addresses 4 GiB; what lies beyond overwrites other tensors without a word. */
const usable = 3.5 * gigabyte;

/**
 * On the wasm backend, checks that `bytes` more fit into its memory.
 *
 * @throws RangeError with the remedy, before anything is overwritten.
 */
export function checkWasmMemory(owner: string, bytes: number): void {
  if (tf.getBackend() !== 'wasm') return;
  const total = tf.memory().numBytes + bytes;
  if (total <= usable) return;
  throw new RangeError(
    `${owner}: needs ${(total / gigabyte).toFixed(1)} GiB, and WebAssembly has ${usable / gigabyte}: ` +
      'use a smaller image or batch, a smaller memoryBudget, or native TensorFlow',
  );
}
