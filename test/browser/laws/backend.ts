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

/** Runs the tests of the enclosing `describe` (or file) on the backend of this page. */
export function useTestBackend(_name: string): void {
  beforeAll(async () => {
    if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly did not start');
    await tf.ready();
  });
}
