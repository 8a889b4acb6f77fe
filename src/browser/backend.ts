import * as tf from '@tensorflow/tfjs';
import wasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import type { BackendChoice, BackendName } from './messages';

/** Called when a backend that worked stops working. */
export type OnLost = (message: string) => void;

/** What newer browsers report of a device, and the types of TypeScript do not know yet. */
interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly isFallbackAdapter?: boolean;
}

async function startWebgpu(onLost: OnLost, isWanted: boolean): Promise<string> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('this browser has no WebGPU');
  const { info } = adapter as unknown as { info: AdapterInfo };
  // Software WebGPU is slower than WebAssembly.
  if (info.isFallbackAdapter && !isWanted) throw new Error('there is no graphics device');
  await import('@tensorflow/tfjs-backend-webgpu');
  tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
  if (!(await tf.setBackend('webgpu'))) throw new Error('WebGPU does not start');
  await tf.ready();
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  // A failed allocation is reported only here: the numbers are zeros from then on.
  device.addEventListener('uncapturederror', (event) =>
    onLost((event as GPUUncapturedErrorEvent).error.message),
  );
  device.lost.then(({ message }) => onLost(message || 'the graphics device was lost'));
  return [info.vendor, info.architecture].filter(Boolean).join(' ') || 'a graphics device';
}

async function startWasm(threads: boolean): Promise<string> {
  if (threads && !globalThis.crossOriginIsolated)
    throw new Error('this server does not isolate the page (COOP and COEP headers)');
  const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  if (!threads) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const count = threads ? navigator.hardwareConcurrency : 1;
  setThreadsCount(count);
  const absolute = (url: string) => new URL(url, import.meta.url).href;
  setWasmPaths({
    'tfjs-backend-wasm.wasm': absolute(wasm),
    'tfjs-backend-wasm-simd.wasm': absolute(wasmSimd),
    'tfjs-backend-wasm-threaded-simd.wasm': absolute(wasmThreads),
  });
  if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly does not start');
  await tf.ready();
  return `${count} thread${count > 1 ? 's' : ''}`;
}

/** Starts a backend and returns what it runs on; `isWanted` where it was named. */
type Start = (onLost: OnLost, isWanted: boolean) => Promise<string>;

const starters: Readonly<Record<BackendName, Start>> = {
  webgpu: startWebgpu,
  'wasm-threads': () => startWasm(true),
  wasm: () => startWasm(false),
};

/** Numbers at the middle and the corner of an image, from a convolution and from its gradient. */
async function checkNumbers(): Promise<void> {
  const found = tf.tidy(() => {
    const taps = tf.reshape(tf.range(1, 10), [3, 3, 1, 1]);
    const filter = tf.div<tf.Tensor4D>(tf.tile(taps, [1, 1, 16, 16]), 45 * 16);
    const blur = (x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter, 1, 'same');
    const ones = tf.ones<tf.Rank.R4>([1, 16, 24, 16]);
    const maps = [blur(ones), tf.grad(blur)(ones) as tf.Tensor4D];
    return tf.concat(
      maps.flatMap((map) => [8, 0].map((at) => tf.slice(map, [0, at, at, 3], [1, 1, 1, 1]))),
    );
  });
  const numbers = await found.data();
  found.dispose();
  // Ones everywhere; at the corner the taps 5, 6, 8, 9 of the filter, and 1, 2, 4, 5 flipped.
  const right = [1, 28 / 45, 1, 12 / 45];
  if (right.some((value, i) => !(Math.abs(value - numbers[i]!) < 1e-4)))
    throw new Error(`a check gave wrong numbers (${Array.from(numbers).join(', ')})`);
}

const titles: Readonly<Record<BackendName, string>> = {
  webgpu: 'WebGPU',
  'wasm-threads': 'WebAssembly with threads',
  wasm: 'WebAssembly',
};

/** Starts the first of these backends that computes correctly, and reports why the others were rejected. */
export async function chooseBackend(
  names: readonly BackendName[],
  onLost: OnLost,
): Promise<BackendChoice> {
  const refused: string[] = [];
  for (const name of names) {
    try {
      const detail = await starters[name](onLost, names.length === 1);
      await checkNumbers();
      return { name, reason: [detail, ...refused].join('; ') };
    } catch (error) {
      refused.push(`not ${titles[name]}: ${(error as Error).message}`);
    }
  }
  throw new Error(`No backend works here. ${refused.join('; ')}.`);
}
