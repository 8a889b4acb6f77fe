import * as tf from '@tensorflow/tfjs';
import { availableMemory } from '../../internal/available-memory';
import { type MemoryNeed, weightsInUse } from './memory-need';

/** The share of the memory left that activations may take. */
const share = 0.5;

const gigabytes = (bytes: number) => (bytes / 2 ** 30).toFixed(1);

/**
 * Bytes of activations to keep: `wanted`, or by default up to half of the memory that is left. On wasm
 * never more than fits.
 *
 * @throws RangeError on wasm where even a budget of 0 does not fit.
 */
export function memoryBudget(
  { least, kept }: MemoryNeed,
  weights: { readonly bytes: number; readonly derived: number },
  wanted?: number,
): number {
  const coming = weightsInUse(weights.bytes) - weights.bytes - weights.derived;
  const left = availableMemory() - Math.max(0, coming) - least;
  if (tf.getBackend() !== 'wasm') return wanted ?? Math.min(kept, Math.max(0, share * left));
  if (left >= 0) return Math.min(wanted ?? kept, share * left);
  const all = gigabytes(weightsInUse(weights.bytes) + least);
  throw new RangeError(
    `memoryBudget: even 0 needs ${all} GiB (${gigabytes(weightsInUse(weights.bytes))} of them weights), ` +
      'and WebAssembly has 4: use a smaller image or batch, or native TensorFlow',
  );
}
