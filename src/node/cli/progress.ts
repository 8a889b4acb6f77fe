import cliProgress from 'cli-progress';

/** What is known after a step, or within one. */
export interface StepReport {
  readonly index: number;
  readonly total: number;
  /** Root mean square of `A(denoised) - y`, where it is known. */
  readonly dataError?: number;
  /** Share of the whole work that is done, where steps are not alike. */
  readonly share?: number;
  /**
   * What is counted.
   * @default 'step'
   */
  readonly unit?: string;
}

/** Where progress is shown: stderr, or anything like it. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

/** Shows the progress of one job. */
export interface Progress {
  report(step: StepReport): void;
  stop(): void;
}

const tail = (error: number | undefined): string =>
  error === undefined ? '' : ` | data error ${error.toFixed(4)}`;

/** The time left at the speed so far, as hours, minutes and seconds. */
function timeLeft(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 100) return `${seconds} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min left` : `${(minutes / 60).toFixed(1)} h left`;
}

/** The time left, from the share of the work that is done; `begun` was done before. */
function clock(begun: number): (share: number) => string {
  const started = performance.now();
  return (share) => {
    const elapsed = performance.now() - started;
    return timeLeft((elapsed / Math.max(share - begun, 1e-9)) * (1 - share));
  };
}

function bar(stream: ProgressStream, left: (share: number) => string): Progress {
  const single = new cliProgress.SingleBar(
    { format: '{bar} {text}', stream: stream as NodeJS.WriteStream, hideCursor: true },
    cliProgress.Presets.shades_classic,
  );
  let running = false;
  return {
    report({ index, total, dataError, share = (index + 1) / total, unit = 'step' }) {
      if (!running) single.start(1, 0, { text: '' });
      running = true;
      const text = `${unit} ${index + 1}/${total} | ${left(share)}${tail(dataError)}`;
      single.update(share, { text });
    },
    stop() {
      if (running) single.stop();
      running = false;
    },
  };
}

/** One line each time another tenth is done. */
function lines(stream: ProgressStream, left: (share: number) => string, begun: number): Progress {
  let tenths = Math.floor(10 * begun);
  return {
    report({ index, total, dataError, share = (index + 1) / total, unit = 'step' }) {
      const reached = Math.floor(10 * share + 1e-9);
      if (reached === tenths) return;
      tenths = reached;
      stream.write(`${unit} ${index + 1}/${total} | ${left(share)}${tail(dataError)}\n`);
    },
    stop() {},
  };
}

/**
 * A bar on a terminal, plain lines elsewhere; it ends by itself when `signal` aborts. `begun` is the
 * share that was done before.
 */
export function showProgress(stream: ProgressStream, signal: AbortSignal, begun = 0): Progress {
  const left = clock(begun);
  const progress = stream.isTTY ? bar(stream, left) : lines(stream, left, begun);
  signal.addEventListener('abort', () => progress.stop());
  return progress;
}
