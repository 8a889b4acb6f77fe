import { readdir, rm, rmdir } from 'node:fs/promises';

/** Where the run that makes the picture `out` keeps what is done. */
export const folderOf = (out: string): string => `${out}.resume`;

/** The lock of the picture `out`, and the file that says who holds it. */
export const lockOf = (out: string) => ({ path: `${out}.lock`, holder: `${out}.lock.json` });

/** Says what a run that ended early has kept; where it kept nothing, its folder goes. */
export async function sayKept(out: string, say: (line: string) => void): Promise<void> {
  const folder = folderOf(out);
  const left = await readdir(folder).catch(() => []);
  if (left.length > 0) say(`what is done is kept in ${folder}: go on with --resume`);
  else await rmdir(folder).catch(() => {});
}

/** Frees the picture `out` in the place of a process that was ended. */
export async function unlock(out: string): Promise<void> {
  const { path, holder } = lockOf(out);
  await rm(holder, { force: true });
  await rmdir(path).catch(() => {});
}
