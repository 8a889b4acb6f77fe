import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HubCache } from '../models/hub/hub-cache';
import { isPlainSegment } from '../models/hub/hub-name';
import { inputError, writeFailure } from './input-error';
import { openFile, readBytes } from './open-file';

const purpose = 'diskCache';

/** Keeps pieces of files of the hub in a folder, each in a file of its own. */
export function diskCache(folder: string): HubCache {
  const pathOf = (key: string): string => {
    const parts = key.split('/');
    if (!parts.every(isPlainSegment))
      throw inputError(`${purpose}: the key ${key} must be a path of plain names`);
    return join(folder, ...parts);
  };
  return {
    size: (key) =>
      stat(pathOf(key)).then(
        (found) => (found.isFile() ? found.size : undefined),
        () => undefined,
      ),
    async read(key, offset, length) {
      const { file } = await openFile(pathOf(key), { purpose });
      try {
        return await readBytes(file, offset, length);
      } finally {
        await file.close();
      }
    },
    async write(key, bytes) {
      const path = pathOf(key);
      const staging = `${path}.${randomUUID()}`;
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(staging, bytes);
        await rename(staging, path);
      } catch (error) {
        await rm(staging, { force: true }).catch(() => {});
        throw inputError(`${purpose}: cannot write ${folder}: ${writeFailure(error)}`, error);
      }
    },
  };
}
