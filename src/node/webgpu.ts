import * as tf from '@tensorflow/tfjs';
import { checkBackend } from './check-backend';
import { firstLine } from './input-error';

/** What is used of a device of WebGPU. */
export interface Device extends Pick<EventTarget, 'addEventListener'> {
  readonly lost: Promise<{ readonly message: string }>;
}

/** What is used of a backend: its device, and how values are read back. */
export interface DeviceBackend {
  readonly device: Device;
  read(dataId: object): Promise<tf.BackendValues>;
}

/**
 * Makes a failed device an error of whoever reads from it next, and from then on.
 *
 * TensorFlow.js itself goes on, and reads zeros where an allocation failed.
 */
export function guardDevice(backend: DeviceBackend): void {
  let failure: Error | undefined;
  const fail = (message: string) => {
    failure ??= new Error(
      `webgpu: the device failed, and what it holds is lost (${firstLine(message)}): ` +
        'start again with a smaller image or batch, or a smaller memoryBudget',
    );
  };
  backend.device.addEventListener('uncapturederror', (event) =>
    fail((event as Event & { error: Error }).error.message),
  );
  void backend.device.lost.then(({ message }) => fail(message || 'the device was lost'));
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId);
    if (failure) throw failure;
    return values;
  };
}

/** The package `webgpu`: Dawn, the WebGPU of Chromium, for Node. */
interface Dawn {
  create(flags: readonly string[]): object;
  readonly globals: object;
}

interface Adapter {
  readonly info: { readonly description: string; readonly isFallbackAdapter?: boolean };
}

/** Starts TensorFlow.js on a graphics device in Node, and gives the name of the device. */
export async function startWebgpu(load: (name: string) => unknown): Promise<string> {
  if (!('webgpu' in tf.engine().registry)) {
    const { create, globals } = load('webgpu') as Dawn;
    Object.assign(globalThis, globals);
    const value = { gpu: create([]) };
    Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
  }
  const { gpu } = navigator as unknown as { gpu: { requestAdapter(): Promise<Adapter | null> } };
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('there is no graphics device with a driver for Vulkan or Metal');
  const isNew = !('webgpu' in tf.engine().registry);
  load('@tensorflow/tfjs-backend-webgpu');
  // The naive kernel of TensorFlow.js gives wrong numbers.
  tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
  await checkBackend('webgpu');
  if (isNew) guardDevice(tf.backend() as unknown as DeviceBackend);
  const { description, isFallbackAdapter } = adapter.info;
  return `${description}${isFallbackAdapter ? ' (software)' : ''}`;
}
