import { dirname, join, sep } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { offerRecorder } from '../models/graph/pass-recorder';
import { checkBackend } from './check-backend';
import type { BackendCandidate } from './choose-backend';
import { requireHere } from './here';
import { type NativePackage, nativeEntry } from './native/native-folder';
import { nativeBackend } from './native/session/binding';
import { sessionRecorder } from './native/session/session-recorder';
import { startWebgpu } from './webgpu';

/** The backends that `useBackend` can choose from. */
export type BackendName = 'tfjs-node-gpu' | 'tfjs-node' | 'webgpu' | 'wasm' | 'cpu';

function isInstalled(name: string): boolean {
  try {
    requireHere.resolve(name);
    return true;
  } catch (error) {
    // A package that is there but names a main file that is not was installed, and is broken.
    return !String(error).includes(`Cannot find module '${name}'`);
  }
}

/** tfjs-node 4.22 calls two functions that Node 23 removed. */
function restoreRemovedUtilities(): void {
  const removed = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, replacement] of Object.entries(removed))
    if (!(name in util)) Object.assign(util, { [name]: replacement });
}

/** The version of TensorFlow that runs, and on what. */
function nativeDevice(): string {
  const { binding, isUsingGpuDevice } = tf.backend() as unknown as {
    binding: { TF_Version: string };
    isUsingGpuDevice: boolean;
  };
  return `TensorFlow ${binding.TF_Version} on ${isUsingGpuDevice ? 'CUDA' : 'the CPU'}`;
}

/** TensorFlow in C, through either of its two packages. */
const native = (name: NativePackage): BackendCandidate<BackendName> => ({
  name,
  package: `@tensorflow/${name}`,
  remedy:
    `run 'npx spgd native${name === 'tfjs-node' ? '' : ' --cuda'}', ` +
    "or use the backend 'wasm', which needs no download",
  isInstalled: () => isInstalled(nativeEntry(name)),
  async start() {
    restoreRemovedUtilities();
    // TensorFlow tells of its processor and of every CUDA library that it looks for, unless asked not to.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    requireHere(nativeEntry(name));
    await checkBackend('tensorflow');
    const { isUsingGpuDevice: onCard } = nativeBackend();
    offerRecorder(sessionRecorder({ tfjsNode: nativeEntry(name), onCard }));
    return nativeDevice();
  },
});

/** A graphics device through Dawn. Not measured on one, so it is taken by name only. */
const webgpu: BackendCandidate<BackendName> = {
  name: 'webgpu',
  package: 'webgpu',
  remedy:
    "run 'npm install webgpu @tensorflow/tfjs-backend-webgpu' and see that the driver has Vulkan, " +
    "or use the backend 'wasm'",
  byNameOnly: true,
  isInstalled: () => isInstalled('webgpu') && isInstalled('@tensorflow/tfjs-backend-webgpu'),
  start: () => startWebgpu(requireHere),
};

/**
 * Emscripten listens for uncaught errors, and prints its whole source before each: this gives a
 * function that takes off what was added.
 */
function keepListeners(): () => void {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => new Set(process.listeners(event as NodeJS.Signals)));
  return () => {
    for (const [i, event] of events.entries()) {
      for (const listener of process.listeners(event as NodeJS.Signals)) {
        if (!before[i]!.has(listener)) process.removeListener(event, listener);
      }
    }
  };
}

/** WebAssembly: one thread in Node, no download. */
const wasm: BackendCandidate<BackendName> = {
  name: 'wasm',
  package: '@tensorflow/tfjs-backend-wasm',
  remedy: "run 'npm install @tensorflow/tfjs-backend-wasm'",
  isInstalled: () => isInstalled('@tensorflow/tfjs-backend-wasm'),
  async start() {
    const restore = keepListeners();
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const folder = dirname(requireHere.resolve('@tensorflow/tfjs-backend-wasm'));
    // Once it runs, its paths are settled and setting them throws.
    if (!('wasm' in tf.engine().registry)) setWasmPaths(join(folder, sep));
    await checkBackend('wasm');
    restore();
    return undefined;
  },
};

/** Plain JavaScript: always there. */
const cpu: BackendCandidate<BackendName> = {
  name: 'cpu',
  package: '@tensorflow/tfjs',
  remedy: "run 'npm install @tensorflow/tfjs'",
  isInstalled: () => true,
  async start() {
    await checkBackend('cpu');
    return undefined;
  },
};

/** Every backend, in the order in which `'auto'` tries them. */
export const backends: readonly BackendCandidate<BackendName>[] = [
  native('tfjs-node-gpu'),
  native('tfjs-node'),
  webgpu,
  wasm,
  cpu,
];
