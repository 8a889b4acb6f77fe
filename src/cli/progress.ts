import cliProgress from 'cli-progress';

/** What is known after a step, or within one. */
export interface StepReport {
  readonly index: number;
  readonly total: number;
  /** Root mean square of `A(denoised) - y`, where it is known. */
  readonly dataError?: number;
  /** Share of the whole work that is done, where steps are not alike. */
  readonly share?: number;
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

/** The text of a report. */
type Describe = (report: StepReport & { share: number }) => string;

function bar(stream: ProgressStream, describe: Describe): Progress {
  const single = new cliProgress.SingleBar(
    { format: '{bar} {text}', stream: stream as NodeJS.WriteStream, hideCursor: true },
    cliProgress.Presets.shades_classic,
  );
  let running = false;
  return {
    report({ index, total, share = (index + 1) / total, ...known }) {
      if (!running) single.start(1, 0, { text: '' });
      running = true;
      single.update(share, { text: describe({ index, total, share, ...known }) });
    },
    stop() {
      if (running) single.stop();
      running = false;
    },
  };
}

/** One line each time another tenth is done. */
function lines(stream: ProgressStream, describe: Describe, begun: number): Progress {
  let tenths = Math.floor(10 * begun);
  return {
    report({ index, total, share = (index + 1) / total, ...known }) {
      const reached = Math.floor(10 * share + 1e-9);
      if (reached === tenths) return;
      tenths = reached;
      stream.write(`${describe({ index, total, share, ...known })}\n`);
    },
    stop() {},
  };
}

/**
 * A bar on a terminal, plain lines elsewhere; it ends by itself when `signal` aborts. `begun` is the
 * share that was done before, `unit` what is counted.
 */
export function showProgress(
  stream: ProgressStream,
  signal: AbortSignal,
  { begun = 0, unit = 'step' }: { begun?: number; unit?: string } = {},
): Progress {
  const left = clock(begun);
  const describe: Describe = ({ index, total, share, dataError }) =>
    `${unit} ${index + 1}/${total} | ${left(share)}${tail(dataError)}`;
  const progress = stream.isTTY ? bar(stream, describe) : lines(stream, describe, begun);
  signal.addEventListener('abort', () => progress.stop());
  return progress;
}
