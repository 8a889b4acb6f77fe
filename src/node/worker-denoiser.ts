import { availableParallelism } from 'node:os';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkType } from '../internal/check';
import type { LoadDenoiserOptions, LoadedDenoiser } from '../models/load-denoiser';
import type { BackendName } from './backends';
import { workerGroups } from './worker-groups';
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
 * A denoiser that shares a batch among threads: on WebAssembly, where a backend has one thread, this
 * is how to use all cores. Meant as the inner denoiser of `tiledDenoiser`, with `batch: Infinity`.
 *
 * `source` is the address of a `model.json`, `file://…` or `https://…`, of `convertCheckpoint`. The
 * calling thread sleeps while the others compute. For a gradient the threads together keep up to half
 * of the memory that is left; groups past it are recomputed. `dispose` ends the threads.
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
  const { model, ports, control, dispose } = await startWorkerPool(workers, {
    source,
    options: load,
    backend,
  });
  const { denoise, linearize } = workerGroups(ports, control, batch);

  /** One node on the tape, which does not record what the threads do. */
  const recorded = (x: Tensor4D, sigma: number): Tensor4D =>
    tf.customGrad((...args) => {
      const [input, save] = args as unknown as [Tensor4D, (tensors: Tensor[]) => void];
      save([input]);
      const gradFunc = (dy: Tensor, saved: Tensor[]) =>
        tf.tidy(() => linearize(saved[0] as Tensor4D, sigma).backward(dy as Tensor4D));
      return { value: denoise(input, sigma), gradFunc };
    })(x) as Tensor4D;
  return { ...model, denoise: recorded, linearize, dispose };
}
