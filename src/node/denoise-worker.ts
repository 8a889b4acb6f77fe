import { type MessagePort, workerData } from 'node:worker_threads';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { denoiserVjp } from '../models/denoiser-vjp';
import { type LoadedDenoiser, loadDenoiser } from '../models/load-denoiser';
import { useBackend } from './backend';
import { fileHandler } from './file-handler';
import { isFileUrl } from './file-url';
import type { ReadyMessage, ReplyMessage, TaskMessage, WorkerStart } from './worker-messages';

/** Computes one task: the denoised image, or with a cotangent the gradient. */
function compute(denoiser: LoadedDenoiser, { shape, x, sigma, cotangent }: TaskMessage) {
  const result = tf.tidy(() => {
    const image = tf.tensor4d(x, shape);
    if (!cotangent) return denoiser.denoise(image, sigma);
    const fixed: Tensor4D = tf.tensor4d(cotangent, shape);
    return denoiserVjp(denoiser)(image, sigma, () => fixed).gradient;
  });
  // Not inside: tidy looks for tensors in each number that it gives back, about 1 us each.
  const values = result.dataSync<'float32'>();
  result.dispose();
  return values;
}

const told = (error: unknown) => {
  const { name = 'Error', message = String(error) } = Object(error) as Partial<Error>;
  return { name, message };
};

async function work({
  source,
  options,
  backend,
  port,
  control,
  place,
}: WorkerStart): Promise<void> {
  const counts = new Int32Array(control);
  const tell = (message: ReadyMessage | ReplyMessage) => {
    (port as MessagePort).postMessage(message);
    Atomics.add(counts, 0, 1);
    Atomics.notify(counts, 0);
  };
  // The main thread sleeps while it waits, and sees no event: this is how it learns of an end.
  process.on('exit', () => {
    Atomics.store(counts, 1 + place, 1);
    Atomics.notify(counts, 0);
  });
  try {
    await useBackend(backend);
    const denoiser = await loadDenoiser(isFileUrl(source) ? fileHandler(source) : source, options);
    port.on('message', (task: TaskMessage) => {
      const { run, id } = task;
      try {
        tell({ run, id, values: compute(denoiser, task) });
      } catch (error) {
        tell({ run, id, error: told(error) });
      }
    });
    const { metadata, imageShape, multipleOf } = denoiser;
    tell({ ready: { metadata, imageShape, multipleOf } });
  } catch (error) {
    tell({ error: told(error) });
  }
}

void work(workerData as WorkerStart);
