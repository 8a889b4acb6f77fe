import cliProgress from 'cli-progress';

/** What is known after a step. */
export interface StepReport {
  readonly index: number;
  readonly total: number;
  /** Root mean square of `A(denoised) - y`, where it is known. */
  readonly dataError?: number;
}

/** Where progress is shown: stderr, or anything like it. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

/** Shows the progress of one run. */
export interface Progress {
  report(step: StepReport): void;
  stop(): void;
}

const tail = (error: number | undefined): string =>
  error === undefined ? '' : ` | data error ${error.toFixed(4)}`;

function bar(stream: ProgressStream, unit: string): Progress {
  const format = `{bar} ${unit} {value}/{total} | {eta_formatted} left{tail}`;
  const single = new cliProgress.SingleBar(
    { format, stream: stream as NodeJS.WriteStream, hideCursor: true },
    cliProgress.Presets.shades_classic,
  );
  let running = false;
  return {
    report({ index, total, dataError }) {
      if (!running) single.start(total, 0, { tail: '' });
      running = true;
      single.update(index + 1, { tail: tail(dataError) });
    },
    stop() {
      if (running) single.stop();
      running = false;
    },
  };
}

/** One line each time another tenth is done. */
function lines(stream: ProgressStream, unit: string): Progress {
  const started = performance.now();
  let tenths = 0;
  return {
    report({ index, total, dataError }) {
      const done = index + 1;
      const reached = Math.floor((10 * done) / total);
      if (reached === tenths) return;
      tenths = reached;
      const left = ((performance.now() - started) / done) * (total - done);
      const eta = `${Math.round(left / 1000)} s left`;
      stream.write(`${unit} ${done}/${total} | ${eta}${tail(dataError)}\n`);
    },
    stop() {},
  };
}

/** A bar on a terminal, plain lines elsewhere; it ends by itself when `signal` aborts. */
export function showProgress(stream: ProgressStream, signal: AbortSignal, unit = 'step'): Progress {
  const progress = stream.isTTY ? bar(stream, unit) : lines(stream, unit);
  signal.addEventListener('abort', () => progress.stop());
  return progress;
}
