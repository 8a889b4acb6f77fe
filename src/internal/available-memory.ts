import * as tf from '@tensorflow/tfjs';
import { wasmMemory } from './wasm-memory';

/** What a machine is taken to have where it does not tell, as in a browser. */
const unknown = 3 * 2 ** 30;

/** Bytes that tensors may still take, about: of the machine, and on wasm of its address space. */
export function availableMemory(): number {
  const node = globalThis.process as { availableMemory?(): number } | undefined;
  const machine = node?.availableMemory?.() ?? unknown;
  if (tf.getBackend() !== 'wasm') return machine;
  return Math.max(0, Math.min(machine, wasmMemory - tf.memory().numBytes));
}
