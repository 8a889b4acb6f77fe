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
  type ReadyMessage,
  receivedTensor,
  sentTensor,
  type WorkerCalls,
  type WorkerFailure,
  type WorkerReply,
  type WorkerRequest,
  type WorkerStart,
} from './worker-messages';

/** What each call does: a tensor to reply with, or nothing. */
type Answers = {
  [Call in keyof WorkerCalls]: (request: WorkerCalls[Call]) => Tensor4D | undefined;
};

function answersOf(denoiser: Denoiser, workers: number): Answers {
  const kept = new Map<number, Linearized>();
  let linearize = linearizeWithinMemory(denoiser, workers);
  const release = (id: number) => {
    kept.get(id)?.dispose();
    kept.delete(id);
  };
  return {
    denoise: ({ x, sigma }) => denoiser.denoise(receivedTensor(x), sigma),
    forward({ id, x, sigma }) {
      if (kept.size === 0) linearize = linearizeWithinMemory(denoiser, workers);
      const at = linearize(receivedTensor(x), sigma);
      kept.set(id, at);
      return at.denoised;
    },
    backward({ id, cotangent }) {
      const at = kept.get(id)!;
      kept.delete(id);
      return at.backward(receivedTensor(cotangent));
    },
    release({ ids }) {
      ids.forEach(release);
      return undefined;
    },
  };
}

const failureFrom = (error: unknown): WorkerFailure => {
  const { name = 'Error', message = String(error) } = Object(error) as Partial<Error>;
  return { name, message };
};

/** Answers one request; nothing where no reply is due. */
function answer(answers: Answers, request: WorkerRequest): WorkerReply | undefined {
  const id = 'id' in request ? request.id : 0;
  try {
    const make = answers[request.call] as (request: WorkerRequest) => Tensor4D | undefined;
    const tensor = tf.tidy(() => make(request)!);
    if (!tensor) return undefined;
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
  const reply = (message: ReadyMessage | WorkerReply) => {
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
    const answers = answersOf(denoiser, workers);
    port.on('message', (request: WorkerRequest) => {
      const message = answer(answers, request);
      if (message) reply(message);
    });
    const { metadata, imageShape, multipleOf, sigmaRange } = denoiser;
    reply({ ready: { metadata, imageShape, multipleOf, sigmaRange } });
  } catch (error) {
    reply({ error: failureFrom(error) });
  }
}

void work(workerData as WorkerStart);
