import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { sayKept, unlock } from './restore/leftovers';

/** Set in the process that is watched. */
const variable = 'SPGD_WATCHED';

/** Milliseconds that a run has to end by itself after Ctrl-C. */
const grace = 1200;

/** What a run tells the process that watches it: that it works on a picture, or no longer. */
interface Working {
  readonly out: string;
  readonly isWorking: boolean;
}

/** Tells the watching process, if there is one, that this one works on a picture, or no longer. */
export function tellWorking(out: string, isWorking: boolean): void {
  const working: Working = { out, isWorking };
  if (process.connected) process.send?.(working);
}

/**
 * Whether this process is the one to watch: a network pass blocks the thread that it runs in, and so the
 * handling of Ctrl-C, for minutes on a large photo. Another process answers in that time.
 */
export const needsGuard = ([command]: readonly string[]): boolean =>
  command === 'restore' && process.env[variable] === undefined;

/** Ends a run that was asked to end and has not, frees its pictures, and says what is kept of them. */
async function endNow(child: ChildProcess, pictures: ReadonlySet<string>): Promise<void> {
  child.kill('SIGKILL');
  for (const out of pictures) {
    await sayKept(out, console.error);
    await unlock(out);
  }
  console.error('spgd: interrupted');
}

/** Whether a run that is interrupted has a result to write: the mean of the samples that are done. */
const writesAtEnd = (args: readonly string[]): boolean =>
  args.some((arg) => arg === '--samples' || arg.startsWith('--samples='));

/** Runs the command in a process of its own, and ends it within two seconds of Ctrl-C. Gives its exit code. */
export async function guard(args: readonly string[]): Promise<number> {
  const child = fork(process.argv[1]!, args, { env: { ...process.env, [variable]: '1' } });
  const pictures = new Set<string>();
  child.on('message', ({ out, isWorking }: Working) => {
    if (isWorking) pictures.add(out);
    else pictures.delete(out);
  });
  let ended: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isAsked = false;
  const end = () => {
    ended ??= endNow(child, pictures);
  };
  const stop = (signal: NodeJS.Signals) => {
    if (isAsked) return end();
    isAsked = true;
    child.kill(signal);
    if (!writesAtEnd(args)) timer = setTimeout(end, grace);
    else console.error('ending after this pass; Ctrl-C again ends at once');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  await ended;
  return code ?? (isAsked ? 130 : 1);
}

/** In the watched process: ends the run as Ctrl-C does, where the process that watches it is gone. */
export function followGuard(): void {
  const isWatched = process.env[variable] !== undefined && process.channel;
  // Processes that this one starts are not watched.
  delete process.env[variable];
  if (!isWatched) return;
  process.on('disconnect', () => process.emit('SIGINT', 'SIGINT'));
  process.channel?.unref();
}
