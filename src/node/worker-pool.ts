import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { here, packageFolder, requireHere } from './here';
import { failureOf } from './worker-jobs';
import type { ReadyMessage, WorkerStart } from './worker-messages';

type Ready = Extract<ReadyMessage, { ready: object }>['ready'];

/** Threads that each hold a denoiser, and what their model says of itself. */
export interface WorkerPool {
  readonly model: Ready;
  readonly ports: readonly MessagePort[];
  /** As in `WorkerStart`. */
  readonly control: Int32Array;
  /** Ends the threads. */
  dispose(): void;
}

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
      else reject(failureOf(message.error));
    });
  });

/** Starts threads that each load the model. */
export async function startWorkerPool(
  count: number,
  start: Pick<WorkerStart, 'source' | 'options' | 'backend'>,
): Promise<WorkerPool> {
  const control = new SharedArrayBuffer(4 * (1 + count));
  const threads = Array.from({ length: count }, (_, place) =>
    startThread({ ...start, control, place, workers: count }),
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
    return { model: model!, ports, control: new Int32Array(control), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
