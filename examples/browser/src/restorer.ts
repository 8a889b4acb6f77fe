import type { BackendName, Job, Report, Request } from './messages';

/** The worker, as the page sees it. */
export interface Restorer {
  plan(job: Job): void;
  restore(job: Job): void;
  /** Ends a run; a worker that does not answer is replaced. */
  cancel(): void;
}

/** Longest wait in milliseconds for a worker that is within a pass of the network. */
const patience = 2000;

const order: readonly BackendName[] = ['webgpu', 'wasm-threads', 'wasm'];

/** Starts a worker on the first backend that works, or on those that are named. */
export function startRestorer(
  model: string,
  backends: readonly BackendName[] = order,
  tell: (report: Report) => void,
): Restorer {
  let worker: Worker;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = (request: Request) => worker.postMessage(request);

  const restart = (names: readonly BackendName[], why: string) => {
    clearTimeout(timer);
    worker?.terminate();
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Report>) => receive(data);
    worker.onerror = (event) =>
      tell({ kind: 'failed', message: event.message || 'No worker starts.' });
    ask({ kind: 'start', backends: names, why, model });
  };
  const receive = (report: Report) => {
    if (['cancelled', 'done', 'failed'].includes(report.kind)) clearTimeout(timer);
    tell(report);
    if (report.kind === 'lost')
      restart(
        order.filter((name) => name !== 'webgpu'),
        `WebGPU stopped: ${report.message}`,
      );
  };
  restart(backends, '');
  return {
    plan: (job) => ask({ kind: 'plan', job }),
    restore: (job) => ask({ kind: 'restore', job }),
    cancel() {
      ask({ kind: 'cancel' });
      timer = setTimeout(() => {
        restart(backends, '');
        tell({ kind: 'cancelled' });
      }, patience);
    },
  };
}
