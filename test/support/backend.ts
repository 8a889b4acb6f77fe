import { beforeAll } from 'vitest';
import { type BackendName, backends } from '../../src/node/backends';

/** `SPGD_TEST_BACKEND=tfjs-node npx vitest run ...` puts one backend in the place of the usual ones. */
const asked = process.env.SPGD_TEST_BACKEND as BackendName | undefined;

/** The backends that every machine has, or the one that was asked for. */
export const testBackends: readonly BackendName[] = asked ? [asked] : ['cpu', 'wasm'];

/** Makes a backend, by the name that `useBackend` takes, the one of TensorFlow.js. */
export async function startTestBackend(name: BackendName): Promise<void> {
  await backends.find((one) => one.name === name)?.start();
}

/** Runs the tests of the enclosing `describe` (or file) on this backend, or the one asked for. */
export function useTestBackend(name: BackendName): void {
  beforeAll(() => startTestBackend(asked ?? name));
}
