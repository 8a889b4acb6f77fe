import { availableParallelism } from 'node:os';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkType } from '../internal/check';
import type { Denoiser } from '../models/denoiser';
import { splitBatch } from '../models/grouped-denoiser';
import type { LoadDenoiserOptions, LoadedDenoiser } from '../models/load-denoiser';
import type { BackendName } from './backends';
import { startWorkerPool } from './worker-pool';

/** Options of `workerDenoiser`. */
export interface WorkerDenoiserOptions
  extends Pick<LoadDenoiserOptions, 'classLabel' | 'memoryBudget'> {
  /**
   * Number of threads, an integer >= 1; each holds the model and its own memory.
   * @default the number of cores
   */
  workers?: number;
  /**
   * Items that go through the network at once, an integer >= 1. The result depends on it in the last
   * digit at most, and never on the number of workers.
   * @default 4
   */
  batch?: number;
  /**
   * The backend of each thread.
   * @default 'wasm'
   */
  backend?: BackendName;
}

/**
 * A denoiser whose batch is shared out to threads: on WebAssembly, where a backend has one thread,
 * this is how all cores work. Meant as the inner denoiser of `tiledDenoiser`, with `batch: Infinity`.
 *
 * `source` is the address of a `model.json`, `file://…` or `https://…`, of `convertCheckpoint`. The
 * calling thread sleeps while the others compute. `dispose` ends the threads.
 *
 * Throws as `loadDenoiser` does, and where a thread ends early.
 */
export async function workerDenoiser(
  source: string,
  options: WorkerDenoiserOptions = {},
): Promise<LoadedDenoiser> {
  const { workers = availableParallelism(), batch = 4, backend = 'wasm', ...load } = options;
  checkType(typeof source === 'string', 'workerDenoiser', 'source', 'an address', typeof source);
  checkInteger('workerDenoiser', 'workers', workers, 1);
  checkInteger('workerDenoiser', 'batch', batch, 1);
  const { model, groups, dispose } = await startWorkerPool(workers, {
    source,
    options: load,
    backend,
  });
  const denoise = (x: Tensor4D, sigma: number): Tensor4D =>
    tf.tidy(() => tf.concat(groups.denoise(splitBatch(x, batch), sigma)));
  const vjp: Required<Denoiser>['vjp'] = (x, sigma, cotangent) =>
    tf.tidy(() => {
      const { denoised, gradients } = groups.vjp(splitBatch(x, batch), sigma, (parts) =>
        splitBatch(cotangent(tf.concat(parts)), batch),
      );
      return { denoised: tf.concat(denoised), gradient: tf.concat(gradients) };
    });

  /** One node on the tape: what the threads did is not recorded there. */
  const recorded = (x: Tensor4D, sigma: number): Tensor4D =>
    tf.customGrad((...args) => {
      const [input, save] = args as unknown as [Tensor4D, (tensors: Tensor[]) => void];
      save([input]);
      const gradFunc = (dy: Tensor, saved: Tensor[]) =>
        vjp(saved[0] as Tensor4D, sigma, () => dy as Tensor4D).gradient;
      return { value: denoise(input, sigma), gradFunc };
    })(x) as Tensor4D;
  return { ...model, denoise: recorded, vjp, dispose };
}
