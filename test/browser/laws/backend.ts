import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { beforeAll } from 'vitest';

setWasmPaths({
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': threads,
});

/** What the laws of a page run on, in the place of those that Node has. */
export const testBackends = ['wasm'] as const;

/** Makes a backend the one of TensorFlow.js. */
export async function startTestBackend(name: 'cpu' | 'wasm'): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`${name} did not start`);
  await tf.ready();
}

/** Runs the tests of the enclosing `describe` (or file) on WebAssembly, whatever Node runs them on. */
export function useTestBackend(_name: string): void {
  beforeAll(() => startTestBackend('wasm'));
}
