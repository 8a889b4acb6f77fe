import * as tf from '@tensorflow/tfjs';
import { wasmMemory } from './wasm-memory';

/** The assumed memory of a machine that does not report it, as in a browser. */
const unknown = 3 * 2 ** 30;

/** About how many more bytes tensors may take: of the machine, and on wasm of its address space. */
export function availableMemory(): number {
  const node = globalThis.process as { availableMemory?(): number } | undefined;
  const machine = node?.availableMemory?.() ?? unknown;
  if (tf.getBackend() !== 'wasm') return machine;
  return Math.max(0, Math.min(machine, wasmMemory - tf.memory().numBytes));
}
