import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { beforeAll } from 'vitest';

/** What the laws run on, in the place of the backends of Node. */
export const testBackends = ['webgpu'] as const;

/** Starts WebGPU, whatever is asked for. */
export async function startTestBackend(_name: string): Promise<void> {
  tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
  if (!(await tf.setBackend('webgpu'))) throw new Error('webgpu did not start');
  await tf.ready();
}

// Some tests make tensors where they are declared.
await startTestBackend('webgpu');

/** Runs the tests of the enclosing `describe` (or file) on WebGPU. */
export function useTestBackend(name: string): void {
  beforeAll(() => startTestBackend(name));
}
