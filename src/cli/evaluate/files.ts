import { access, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { readInput } from 'spgd/node';
import writeFileAtomic from 'write-file-atomic';
import { parseJson, type Rule } from '../rules';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  // What Node says where it cannot make a folder on a disk that is read-only.
  ENOENT: 'its folder cannot be made; is the disk read-only?',
};

/** Runs what writes `path`; what the disk refuses is said in one line. */
async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (!reason) throw error;
    throw new Error(`evaluate: cannot write ${path}: ${reason}`, { cause: error });
  }
}

/** Makes the folder of a file, and gives the path. */
export async function inFolder(path: string): Promise<string> {
  await writing(path, () => mkdir(dirname(path), { recursive: true }));
  return path;
}

/** Writes a file whole or not at all, with its folder. */
export const write = (path: string, content: string | Buffer): Promise<void> =>
  writing(path, async () => writeFileAtomic(await inFolder(path), content));

/** Writes a value as JSON. */
export const writeJson = (path: string, value: unknown): Promise<void> =>
  write(path, `${JSON.stringify(value, null, 2)}\n`);

/** Reads a JSON file by a rule; undefined where there is none. */
export async function readJson<T>(path: string, rule: Rule<T>): Promise<T | undefined> {
  if (!(await exists(path))) return undefined;
  const bytes = await readInput(path, { purpose: 'evaluate', maxBytes: 2 ** 28 });
  return parseJson(new TextDecoder().decode(bytes), rule, path);
}

/** Whether there is a file. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The files of a folder and its subfolders, by their path below it. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Removes what was half written when a process was killed, more than a minute ago. */
export async function removeHalves(folder: string): Promise<void> {
  const halves = (await filesBelow(folder)).filter((path) => /\.\w+\.\d+$/.test(path));
  for (const path of halves.map((half) => join(folder, half))) {
    const stats = await stat(path).catch(() => undefined);
    if (stats && Date.now() - stats.mtimeMs > 60_000) await rm(path, { force: true });
  }
}
