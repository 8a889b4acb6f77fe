import { type MessagePort, workerData } from 'node:worker_threads';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser, Linearized } from '../models/denoiser';
import { linearizeWithinMemory } from '../models/linearize-within-memory';
import { loadDenoiser } from '../models/load-denoiser';
import { useBackend } from './backend';
import { fileHandler } from './file-handler';
import { isFileUrl } from './file-url';
import {
  type BackwardMessage,
  type ForwardMessage,
  type ReadyMessage,
  type ReleaseMessage,
  type ReplyMessage,
  receivedTensor,
  sentTensor,
  type WorkerFailure,
  type WorkerStart,
} from './worker-messages';

/** The passes over groups, and the linearizations that are kept between them. */
function groupPasses(denoiser: Denoiser, workers: number) {
  const kept = new Map<number, Linearized>();
  let linearize = linearizeWithinMemory(denoiser, workers);
  return {
    forward({ id, x, sigma, keep }: ForwardMessage): Tensor4D {
      if (!keep) return denoiser.denoise(receivedTensor(x), sigma);
      if (kept.size === 0) linearize = linearizeWithinMemory(denoiser, workers);
      const at = linearize(receivedTensor(x), sigma);
      kept.set(id, at);
      return at.denoised;
    },
    backward({ id, cotangent }: BackwardMessage): Tensor4D {
      const at = kept.get(id)!;
      kept.delete(id);
      return at.backward(receivedTensor(cotangent));
    },
    release(id: number): void {
      kept.get(id)?.dispose();
      kept.delete(id);
    },
  };
}

const failureFrom = (error: unknown): WorkerFailure => {
  const { name = 'Error', message = String(error) } = Object(error) as Partial<Error>;
  return { name, message };
};

/** The reply with a tensor, or with the error of making it. */
function replyWith(id: number, make: () => Tensor4D): ReplyMessage {
  try {
    const tensor = tf.tidy(make);
    // Not in the tidy, which looks for tensors in each number that it gives back, about 1 us each.
    const result = sentTensor(tensor);
    tensor.dispose();
    return { id, result };
  } catch (error) {
    return { id, error: failureFrom(error) };
  }
}

async function work({
  source,
  options,
  backend,
  port,
  control,
  place,
  workers,
}: WorkerStart): Promise<void> {
  const counts = new Int32Array(control);
  const reply = (message: ReadyMessage | ReplyMessage) => {
    (port as MessagePort).postMessage(message);
    Atomics.add(counts, 0, 1);
    Atomics.notify(counts, 0);
  };
  // The main thread blocks while it waits and sees no event: this flag tells it that a worker ended.
  process.on('exit', () => {
    Atomics.store(counts, 1 + place, 1);
    Atomics.notify(counts, 0);
  });
  try {
    await useBackend(backend);
    const denoiser = await loadDenoiser(isFileUrl(source) ? fileHandler(source) : source, options);
    const { forward, backward, release } = groupPasses(denoiser, workers);
    port.on('message', (message: ForwardMessage | BackwardMessage | ReleaseMessage) => {
      if ('release' in message) message.release.forEach(release);
      else if ('x' in message) reply(replyWith(message.id, () => forward(message)));
      else reply(replyWith(message.id, () => backward(message)));
    });
    const { metadata, imageShape, multipleOf, sigmaRange } = denoiser;
    reply({ ready: { metadata, imageShape, multipleOf, sigmaRange } });
  } catch (error) {
    reply({ error: failureFrom(error) });
  }
}

void work(workerData as WorkerStart);
