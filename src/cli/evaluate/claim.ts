import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAlive } from '../is-alive';

const held = new Set<string>();

/** How long a claim lives without a sign of life, in milliseconds. */
const patience = 10 * 60_000;

/** Whether whoever wrote a claim is dead, or has been silent for too long. */
async function isStale(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) return true;
  const age = Date.now() - stats.mtimeMs;
  if (age > patience) return true;
  try {
    const { host, pid } = JSON.parse(await readFile(path, 'utf8'));
    if (host !== hostname()) return false;
    // A process that was restarted in a container has the number of the one before.
    return pid === process.pid ? !held.has(path) : !isAlive(pid);
  } catch {
    return age > 10_000;
  }
}

/**
 * Claims work for this process by a file that only one can make; undefined where another process has
 * it. The claim of a process that died, or was silent for ten minutes, is taken over.
 *
 * Should two ever hold the same claim, they compute the same files twice, and each file is replaced
 * as a whole: that costs time and nothing else.
 */
export async function claim(path: string): Promise<(() => Promise<void>) | undefined> {
  const content = JSON.stringify({ host: hostname(), pid: process.pid });
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!(await isStale(path))) return undefined;
    await rm(path, { force: true });
    return claim(path);
  }
  held.add(path);
  const signOfLife = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, patience / 10);
  signOfLife.unref();
  return async () => {
    clearInterval(signOfLife);
    held.delete(path);
    await rm(path, { force: true });
  };
}
