import * as tf from '@tensorflow/tfjs';

const gigabyte = 2 ** 30;

/** What WebAssembly can address; what lies beyond overwrites other tensors without a word. */
export const wasmMemory = 4 * gigabyte;

/** The allocator of the wasm backend, which knows of packed filters and gaps as well. */
interface Allocator {
  _malloc(bytes: number): number;
  _free(place: number): void;
}

function fits(bytes: number): boolean {
  if (tf.memory().numBytes + bytes >= wasmMemory) return false;
  const { wasm } = tf.backend() as unknown as { wasm: Allocator };
  const place = wasm._malloc(bytes);
  if (place !== 0) wasm._free(place);
  return place !== 0;
}

/**
 * On the wasm backend, checks that `bytes` more fit into its memory.
 *
 * @throws RangeError with the remedy, before anything is overwritten.
 */
export function checkWasmMemory(owner: string, bytes: number): void {
  if (tf.getBackend() !== 'wasm' || fits(bytes)) return;
  const held = tf.memory().numBytes / gigabyte;
  throw new RangeError(
    `${owner}: needs ${(bytes / gigabyte).toFixed(1)} GiB beside the ${held.toFixed(1)} GiB of tensors ` +
      'there are, and WebAssembly has 4: use a smaller image or batch, a smaller memoryBudget, or ' +
      'native TensorFlow',
  );
}
