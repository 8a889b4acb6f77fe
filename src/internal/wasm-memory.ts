import * as tf from '@tensorflow/tfjs';

const gigabyte = 2 ** 30;

/** What WebAssembly can address; an allocation beyond it silently overwrites other tensors. */
export const wasmMemory = 4 * gigabyte;

/** The allocator of the wasm backend, which knows of packed filters and gaps as well. */
interface Allocator {
  _malloc(bytes: number): number;
  _free(place: number): void;
}

function allFit(sizes: readonly number[], bytes: number): boolean {
  if (tf.memory().numBytes + bytes >= wasmMemory) return false;
  const { wasm } = tf.backend() as unknown as { wasm: Allocator };
  const places: number[] = [];
  for (const size of sizes) {
    const place = wasm._malloc(size);
    if (place === 0) break;
    places.push(place);
  }
  for (const place of places) wasm._free(place);
  return places.length === sizes.length;
}

/**
 * On the wasm backend, checks that tensors of so many bytes each fit into its memory together, where
 * they need not lie side by side.
 *
 * @throws RangeError with the remedy, before anything is overwritten.
 */
export function checkWasmMemory(owner: string, sizes: readonly number[]): void {
  if (tf.getBackend() !== 'wasm') return;
  const bytes = sizes.reduce((a, b) => a + b, 0);
  if (allFit(sizes, bytes)) return;
  const held = tf.memory().numBytes / gigabyte;
  throw new RangeError(
    `${owner}: needs ${(bytes / gigabyte).toFixed(1)} GiB beside the ${held.toFixed(1)} GiB of tensors ` +
      'there are, and WebAssembly has 4: use a smaller image or batch, a smaller memoryBudget, or ' +
      'native TensorFlow',
  );
}
