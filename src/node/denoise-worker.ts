import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { denoiserVjp } from '../models/denoiser-vjp';
import { roomToWait } from '../models/grouped-denoiser';
import { type LoadedDenoiser, loadDenoiser } from '../models/load-denoiser';
import { useBackend } from './backend';
import { fileHandler } from './file-handler';
import { isFileUrl } from './file-url';
import type {
  CotangentMessage,
  ReadyMessage,
  ReplyMessage,
  TaskMessage,
  WorkerStart,
} from './worker-messages';

const told = (error: unknown) => {
  const { name = 'Error', message = String(error) } = Object(error) as Partial<Error>;
  return { name, message };
};

/** Answers tasks; `receive` blocks until the next message is there. */
function answering(
  denoiser: LoadedDenoiser,
  workers: number,
  {
    tell,
    receive,
  }: {
    tell(reply: ReplyMessage): void;
    receive(): TaskMessage | CotangentMessage;
  },
): (task: TaskMessage) => void {
  const vjp = denoiserVjp(denoiser);
  let waiting = 0;
  let fits = roomToWait(workers);

  /** Answers what comes first: each group that waits does so inside the one before. */
  const cotangentOfLast = (): Float32Array => {
    for (;;) {
      const message = receive();
      if (!('later' in message)) answer(message);
      else if (message.later) return message.later;
      else throw new Error('no cotangent');
    }
  };

  const compute = ({ run, id, shape, x, sigma, cotangent, waits }: TaskMessage) => {
    const result = tf.tidy(() => {
      const image: Tensor4D = tf.tensor4d(x, shape);
      if (cotangent) return vjp(image, sigma, () => tf.tensor4d(cotangent, shape)).gradient;
      if (!waits) return denoiser.denoise(image, sigma);
      if (waiting === 0) fits = roomToWait(workers);
      waiting++;
      try {
        return vjp(image, sigma, (denoised) => {
          tell({ run, id, values: denoised.dataSync<'float32'>(), hasRoom: fits(waiting) });
          return tf.tensor4d(cotangentOfLast(), shape);
        }).gradient;
      } finally {
        waiting--;
      }
    });
    // Not inside: tidy looks for tensors in each number that it gives back, about 1 us each.
    const values = result.dataSync<'float32'>();
    result.dispose();
    return values;
  };

  const answer = (task: TaskMessage): void => {
    const { run, id } = task;
    try {
      tell({ run, id, values: compute(task) });
    } catch (error) {
      tell({ run, id, error: told(error) });
    }
  };
  return answer;
}

async function work(start: WorkerStart): Promise<void> {
  const { source, options, backend, control, place, workers } = start;
  const port = start.port as MessagePort;
  const counts = new Int32Array(control);
  const tell = (message: ReadyMessage | ReplyMessage) => {
    port.postMessage(message);
    Atomics.add(counts, 0, 1);
    Atomics.notify(counts, 0);
  };
  const receive = (): TaskMessage | CotangentMessage => {
    const sent = 1 + workers + place;
    for (;;) {
      const seen = Atomics.load(counts, sent);
      const received = receiveMessageOnPort(port);
      if (received) return received.message;
      Atomics.wait(counts, sent, seen);
    }
  };
  // The main thread sleeps while it waits, and sees no event: this is how it learns of an end.
  process.on('exit', () => {
    Atomics.store(counts, 1 + place, 1);
    Atomics.notify(counts, 0);
  });
  try {
    await useBackend(backend);
    const denoiser = await loadDenoiser(isFileUrl(source) ? fileHandler(source) : source, options);
    port.on('message', answering(denoiser, workers, { tell, receive }));
    const { metadata, imageShape, multipleOf } = denoiser;
    tell({ ready: { metadata, imageShape, multipleOf } });
  } catch (error) {
    tell({ error: told(error) });
  }
}

void work(workerData as WorkerStart);
