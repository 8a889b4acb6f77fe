import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileTree } from 'spgd/convert';
import { fileSource } from 'spgd/node';

const deepest = 2;
const above = '../scheduler/scheduler_config.json';

/** Whether a path is a folder. */
export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The files of a folder and of the folders in it, by their paths. */
async function filesIn(folder: string, depth = 1): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const { name } = entry;
    if (depth === deepest || !(await isFolder(join(folder, name)))) return [name];
    return (await filesIn(join(folder, name), depth + 1)).map((path) => `${name}/${path}`);
  });
  return (await Promise.all(paths)).flat();
}

/** A folder in the layout of the model hub; `close` closes the files that were opened. */
export async function folderTree(
  folder: string,
): Promise<{ tree: FileTree; close(): Promise<void> }> {
  const opened: Awaited<ReturnType<typeof fileSource>>[] = [];
  const paths = new Set(await filesIn(folder));
  // A folder may be the unet/ of a larger one.
  if (await stat(join(folder, above)).catch(() => undefined)) paths.add(above);
  const open: FileTree['open'] = async (path) => {
    const source = await fileSource(join(folder, path));
    opened.push(source);
    return source;
  };
  const close = async () => {
    for (const source of opened) await source.close();
  };
  return { tree: { name: folder, paths, open }, close };
}
