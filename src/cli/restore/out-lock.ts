import { readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { lock } from 'proper-lockfile';
import { isAlive } from '../is-alive';
import { lockOf } from './leftovers';
import { usageError } from './restore-options';

/** Who holds a lock. */
interface Holder {
  readonly host: string;
  readonly pid: number;
}

/** After so many milliseconds without a sign of life a lock counts as left behind. */
const stale = 30_000;

/** The holder that a file names; undefined where it names none. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { host, pid } = JSON.parse(await readFile(path, 'utf8'));
    return typeof host === 'string' && Number.isInteger(pid) ? { host, pid } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Locks the picture `out` for this process, and gives what frees it. Throws an error that names the
 * process that holds it; a process of this machine that died holds nothing.
 */
export async function lockOut(out: string): Promise<() => Promise<void>> {
  const { path: lockfilePath, holder: holderPath } = lockOf(out);
  const take = () => lock(out, { lockfilePath, realpath: false, stale, onCompromised: () => {} });
  const release = await take().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ELOCKED') throw error;
    const holder = await readHolder(holderPath);
    if (holder && holder.host === hostname() && !isAlive(holder.pid)) {
      await rmdir(lockfilePath).catch(() => {});
      return take();
    }
    const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
    throw usageError(`${who} is writing ${out}: wait for it, or name another file with --out`);
  });
  await writeFile(holderPath, JSON.stringify({ host: hostname(), pid: process.pid }));
  return async () => {
    await rm(holderPath, { force: true });
    await release().catch(() => {});
  };
}
