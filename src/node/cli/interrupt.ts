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
