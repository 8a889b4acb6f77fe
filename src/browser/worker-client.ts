import type {
  BackendChoice,
  BackendName,
  CallName,
  Calls,
  Report,
  Request,
  RestorerInfo,
} from './messages';
import type { Picture } from './picture';

/** What happens while a call runs. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (share: number, picture?: Picture) => void;
}

/** The worker, as the page sees it. */
export interface WorkerClient {
  readonly ready: Promise<RestorerInfo>;
  call<K extends CallName>(
    kind: K,
    input: Calls[K][0],
    options?: CallOptions,
  ): Promise<Calls[K][1]>;
  dispose(): void;
}

/** What a client is made of. */
export interface WorkerClientOptions {
  readonly model: string;
  readonly backends: readonly BackendName[];
  readonly worker: () => Worker;
  readonly onLoading?: ((loaded: number, total: number) => void) | undefined;
  readonly onBackend?: ((backend: BackendChoice) => void) | undefined;
  readonly onReady?: ((info: RestorerInfo) => void) | undefined;
  readonly onLost?: ((message: string) => void) | undefined;
}

/** Longest wait in milliseconds for a worker that is within a pass of the network. */
const patience = 2000;

interface Pending extends CallOptions {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

/** The first promise of a worker: unhandled, it must not count as an error of the page. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((onValue, onError) => {
    [resolve, reject] = [onValue, onError];
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}

const aborted = () => new DOMException('The restoration was cancelled.', 'AbortError');

/** Starts a worker, and another one where a worker is lost or does not answer a cancel. */
export function workerClient(options: WorkerClientOptions): WorkerClient {
  const { model, onLoading, onBackend, onReady, onLost } = options;
  const pending = new Map<number, Pending>();
  let worker: Worker;
  let ready = deferred<RestorerInfo>();
  let last = 0;
  const post = (request: Request) => worker.postMessage(request);

  const settle = (id: number): Pending | undefined => {
    const call = pending.get(id);
    pending.delete(id);
    return call;
  };
  const failAll = (error: Error) => {
    for (const id of [...pending.keys()]) settle(id)!.reject(error);
  };
  const handlers: { [K in Report['kind']]: (report: Extract<Report, { kind: K }>) => void } = {
    loading: ({ loaded, total }) => onLoading?.(loaded, total),
    backend: ({ backend }) => onBackend?.(backend),
    ready({ info }) {
      ready.resolve(info);
      onReady?.(info);
    },
    unusable({ message }) {
      ready.reject(new Error(message));
      failAll(new Error(message));
    },
    lost({ message }) {
      const rest = options.backends.filter((name) => name !== 'webgpu');
      failAll(new Error(`The backend stopped: ${message}.`));
      start(rest.length > 0 ? rest : ['wasm-threads', 'wasm'], `WebGPU stopped: ${message}`);
      onLost?.(message);
    },
    progress: ({ id, share, picture }) => pending.get(id)?.onProgress?.(share, picture),
    answer: ({ id, output }) => settle(id)?.resolve(output),
    failed({ id, name, message }) {
      settle(id)?.reject(
        name === 'AbortError' ? aborted() : Object.assign(new Error(message), { name }),
      );
    },
  };
  function start(backends: readonly BackendName[], why: string): void {
    worker?.terminate();
    ready = deferred();
    worker = options.worker();
    worker.onmessage = ({ data }: MessageEvent<Report>) => handlers[data.kind](data as never);
    worker.onerror = ({ message }) =>
      handlers.unusable({ kind: 'unusable', message: message || 'No worker starts.' });
    post({ kind: 'start', backends, why, model });
  }
  const cancel = (id: number) => {
    post({ kind: 'cancel', id });
    setTimeout(() => {
      if (!pending.has(id)) return;
      failAll(aborted());
      start(options.backends, '');
    }, patience);
  };
  start(options.backends, '');
  return {
    get ready() {
      return ready.promise;
    },
    call(kind, input, { signal, onProgress } = {}) {
      if (signal?.aborted) return Promise.reject(aborted());
      const id = ++last;
      const stop = () => cancel(id);
      signal?.addEventListener('abort', stop, { once: true });
      const answer = new Promise<never>((resolve, reject) => {
        pending.set(id, {
          resolve: resolve as Pending['resolve'],
          reject,
          ...(onProgress && { onProgress }),
        });
        post({ kind, id, input } as Request);
      });
      return answer.finally(() => signal?.removeEventListener('abort', stop));
    },
    dispose() {
      worker.terminate();
      failAll(aborted());
    },
  };
}
