/** Runs `work` until it ends or Ctrl-C comes; then it rejects with AbortError at once. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const stop = () => controller.abort();
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  process.once('SIGINT', stop);
  try {
    return await Promise.race([work(signal), stopped]);
  } finally {
    process.off('SIGINT', stop);
  }
}

/** Signals nearer than this in milliseconds are one: a terminal sends Ctrl-C to each process of a run. */
const sameSignal = 300;

/** Runs `work`, which Ctrl-C tells to wind up; it ends by itself. A second Ctrl-C does not wait. */
export async function interruptibleGently<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let stopped = 0;
  const stop = () => {
    if (stopped && performance.now() - stopped > sameSignal) process.exit(130);
    stopped ||= performance.now();
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
