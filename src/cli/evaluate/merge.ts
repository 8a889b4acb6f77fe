import { copyFile, lstat, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSameConfig } from './config';
import { checkSameInputs } from './evaluation';
import { exists, inFolder, readJson, writeJson } from './files';
import { filesOf, groupsOf, pathOf } from './plan';
import { readFolder } from './report';
import { configRule } from './saved';

const isFile = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(() => undefined))?.isFile() ?? false;

/** Copies the files of an evaluation that `out` lacks; those that it does not plan stay behind. */
async function copyFiles(from: string, out: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const path = join(out, file);
    if (!(await isFile(join(from, file))) || (await exists(path))) continue;
    const half = `${path}.${process.pid}`;
    await copyFile(join(from, file), await inFolder(half));
    await rename(half, path);
  }
}

/** Joins the parts of one evaluation that were done in several folders. */
export async function mergeFolders(folders: readonly string[], out: string): Promise<void> {
  const parts = await Promise.all(folders.map(readFolder));
  const first = parts[0]!;
  const isBegun = await readJson(join(out, pathOf.config), configRule);
  const before = isBegun ? await readFolder(out) : first;
  const { config, inputs } = before;
  const planned = groupsOf(config, inputs.photos).map((group) => filesOf(config, group));
  for (const [i, part] of parts.entries()) {
    checkSameConfig(out, config, part.config);
    checkSameInputs(out, inputs, part.inputs);
    for (const { files, records } of planned)
      await copyFiles(folders[i]!, out, [...files, ...records]);
  }
  await writeJson(join(out, pathOf.inputs), inputs);
  await writeJson(join(out, pathOf.config), config);
}
