import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSameConfig } from './config';
import { checkSameInputs } from './evaluation';
import { exists, filesBelow, inFolder, readJson, writeJson } from './files';
import { pathOf } from './plan';
import { readFolder } from './report';

const results = ['photos', 'measurements', 'samples', 'items'];

/** Copies what `out` has not, records last: they say that an item is done. */
async function copyResults(from: string, out: string): Promise<void> {
  for (const part of results)
    for (const file of await filesBelow(join(from, part))) {
      const path = join(out, part, file);
      if (await exists(path)) continue;
      const half = `${path}.${process.pid}`;
      await copyFile(join(from, part, file), await inFolder(half));
      await rename(half, path);
    }
}

/** Joins the parts of one evaluation that were done in several folders. */
export async function mergeFolders(folders: readonly string[], out: string): Promise<void> {
  const parts = await Promise.all(folders.map(readFolder));
  const first = parts[0]!;
  const before = (await readJson(join(out, pathOf.config))) ? await readFolder(out) : first;
  for (const [i, { config, inputs }] of parts.entries()) {
    checkSameConfig(out, before.config, config);
    checkSameInputs(out, before.inputs, inputs);
    await copyResults(folders[i]!, out);
  }
  await writeJson(join(out, pathOf.inputs), before.inputs);
  await writeJson(join(out, pathOf.config), before.config);
}
