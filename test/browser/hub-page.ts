import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { diffpir, edmSchedule, gaussianNoise, identity, loadDenoiser, sample } from 'spgd';
import { hubHandler } from 'spgd/convert';

/** What a page is asked to restore. */
export interface Order {
  readonly endpoint: string;
  readonly name: string;
  readonly token?: string;
  readonly offline?: boolean;
  /** The noisy image, of this shape, with values in [-1, 1]. */
  readonly values: number[];
  readonly shape: [number, number, number, number];
  readonly sigma: number;
}

/** The same restoration in a page and in Node. */
export async function restore({ values, shape, sigma, ...order }: Order): Promise<number[]> {
  const { name, endpoint, token, offline = false, ...cache } = order;
  const options = { endpoint, offline, ...cache, ...(token !== undefined && { token }) };
  const denoiser = await loadDenoiser(hubHandler(name, options));
  const measurement = tf.tensor4d(values, shape);
  const problem = { denoiser, operator: identity(), measurement, noise: gaussianNoise(sigma) };
  const schedule = edmSchedule({ steps: 6, sigmaMax: 1 });
  const { sample: restored } = await sample(
    diffpir({ startFrom: 'measurement', temperature: 0 }),
    problem,
    { schedule, seed: 7 },
  );
  const result = Array.from(await restored.data());
  denoiser.dispose();
  return result;
}

/** What the page offers to the test. */
export const page = {
  async start(wasm: string) {
    setWasmPaths(wasm);
    await tf.setBackend('wasm');
    await tf.ready();
    return tf.getBackend();
  },
  restore,
  /** The string alone goes to the hub itself. */
  byName: (name: string) =>
    loadDenoiser(name).then(
      () => 'it loaded',
      (error: Error) => error.message,
    ),
};
