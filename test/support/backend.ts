import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll } from 'vitest';

/** The backends that every machine has. */
export const testBackends = ['cpu', 'wasm'] as const;

setWasmPaths(
  fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)),
);

/** Runs the tests of the enclosing `describe` (or file) on this backend. */
export function useTestBackend(name: (typeof testBackends)[number]): void {
  beforeAll(async () => {
    if (!(await tf.setBackend(name))) throw new Error(`the ${name} backend did not start`);
    await tf.ready();
  });
}
