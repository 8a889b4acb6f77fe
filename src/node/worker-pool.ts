import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import type { GroupRunner, GroupTask } from '../models/grouped-denoiser';
import { here, packageFolder, requireHere } from './here';
import type { ReadyMessage, ReplyMessage, WorkerFailure, WorkerStart } from './worker-messages';

type Ready = Extract<ReadyMessage, { ready: object }>['ready'];

/** Threads that compute groups, and what their model says of itself. */
export interface WorkerPool {
  readonly model: Ready;
  /** Blocks until all tasks are done. */
  readonly run: GroupRunner;
  /** Ends the threads. */
  dispose(): void;
}

/** How long one group may take before its worker is given up, in milliseconds. */
const patience = 60 * 60 * 1000;

const failure = ({ name, message }: WorkerFailure): Error =>
  Object.assign(new Error(message), { name });

/** What a worker runs: the built file, or its source in a clone of the repository. */
function workerCode(): { code: string | URL; eval: boolean } {
  if (!here.endsWith('.ts'))
    return { code: pathToFileURL(join(packageFolder, 'dist', 'denoise-worker.js')), eval: false };
  const url = (name: string) => pathToFileURL(requireHere.resolve(name));
  // The CommonJS half of tsx would leave `import()` to Node, which knows no TypeScript.
  const tsx = new URL('index.mjs', url('tsx/esm/api'));
  // Code that is text has a __filename, which is none.
  const code = `delete globalThis.__filename;
  import('${tsx}').then(({ register }) => {
    register();
    return import('${url('./denoise-worker.ts')}');
  });`;
  return { code, eval: true };
}

function startThread(start: Omit<WorkerStart, 'port'>): { worker: Worker; port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const { code, eval: isText } = workerCode();
  const workerData: WorkerStart = { ...start, port: port2 };
  const worker = new Worker(code, { eval: isText, workerData, transferList: [port2] });
  worker.unref();
  return { worker, port: port1 };
}

/** Resolves once the worker has its model. */
const whenReady = ({ worker, port }: ReturnType<typeof startThread>): Promise<Ready> =>
  new Promise((resolve, reject) => {
    const ended = () => reject(new Error('workerDenoiser: a worker ended before it was ready'));
    worker.once('error', reject).once('exit', ended);
    port.once('message', (message: ReadyMessage) => {
      worker.off('error', reject).off('exit', ended);
      // What follows is taken from the port while this thread blocks.
      port.unref();
      if ('ready' in message) resolve(message.ready);
      else reject(failure(message.error));
    });
  });

/** Starts threads that each load the model. */
export async function startWorkerPool(
  count: number,
  start: Pick<WorkerStart, 'source' | 'options' | 'backend'>,
): Promise<WorkerPool> {
  const control = new SharedArrayBuffer(4 * (1 + count));
  const threads = Array.from({ length: count }, (_, place) =>
    startThread({ ...start, control, place }),
  );
  const dispose = () => {
    for (const { worker, port } of threads) {
      port.close();
      void worker.terminate();
    }
  };
  try {
    const [model] = await Promise.all(threads.map(whenReady));
    const ports = threads.map(({ port }) => port);
    return { model: model!, run: runnerOver(ports, new Int32Array(control)), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function runnerOver(ports: readonly MessagePort[], control: Int32Array): GroupRunner {
  let run = 0;
  return (tasks, sigma) => {
    run++;
    const results = new Map<number, Float32Array>();
    let next = 0;
    let busy = 0;
    let failed: Error | undefined;
    const hand = (port: MessagePort) => {
      if (failed || next === tasks.length) return;
      const id = next++;
      port.postMessage({ run, id, sigma, ...plain(tasks[id]!) });
      busy++;
    };
    const take = (port: MessagePort, reply: ReplyMessage) => {
      if (reply.run !== run) return;
      busy--;
      if ('error' in reply) failed ??= failure(reply.error);
      else results.set(reply.id, reply.values);
      hand(port);
    };
    ports.forEach(hand);
    while (busy > 0) {
      const seen = Atomics.load(control, 0);
      const replies = ports.flatMap((port) => {
        const reply = receiveMessageOnPort(port)?.message as ReplyMessage | undefined;
        return reply ? [{ port, reply }] : [];
      });
      for (const { port, reply } of replies) take(port, reply);
      if (replies.length === 0) sleep(control, seen);
    }
    if (failed) throw failed;
    return tasks.map(({ x }, id) => tf.tensor4d(results.get(id)!, x.shape));
  };
}

const plain = ({ x, cotangent }: GroupTask) => ({
  shape: x.shape,
  x: x.dataSync<'float32'>(),
  ...(cotangent && { cotangent: cotangent.dataSync<'float32'>() }),
});

/** Sleeps until a worker has something to tell. */
function sleep(control: Int32Array, seen: number): void {
  const ended = control.subarray(1).some((_, i) => Atomics.load(control, 1 + i) !== 0);
  if (ended)
    throw new Error('workerDenoiser: a worker ended; lower batch or workers if memory ran out');
  if (Atomics.wait(control, 0, seen, patience) === 'timed-out')
    throw new Error('workerDenoiser: a worker does not answer');
}
