import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { oneLine } from '../one-line';
import type { Photo } from './saved';

const isImage = (name: string): boolean => /\.(png|jpe?g|webp|tiff?|gif|avif)$/i.test(name);

/** Folder by folder, as Python sorts paths. */
function byPath(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (const [i, part] of left.entries()) {
    const other = right[i];
    if (other === undefined || part > other) return 1;
    if (part < other) return -1;
  }
  return left.length - right.length;
}

/** SHA-256 of a file in hexadecimal digits. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;

/**
 * The photos of a folder and its subfolders in the order of their paths, from `start` to before
 * `end`. A file that cannot be read is among them: it is reported where it would be restored.
 */
export async function listPhotos(folder: string, start: number, end?: number): Promise<Photo[]> {
  const refuse = (why: string) =>
    Object.assign(new Error(`evaluate: ${folder}: ${why}`), { name: 'InputError' });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw refuse('there is no such folder, or it may not be read');
  });
  const paths = entries
    .filter((entry) => isImage(entry.name) && !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const names: string[] = [];
  for (const path of paths)
    if (await isFile(path)) names.push(relative(folder, path).split(sep).join('/'));
  if (names.length === 0)
    throw refuse('no photos in it; png, jpg, webp, tiff, gif and avif are looked for');
  const chosen = names.sort(byPath).slice(start, end);
  if (chosen.length === 0)
    throw refuse(`it has ${names.length} photos, none from ${start} to before ${end ?? 'the end'}`);
  const photos: Photo[] = [];
  for (const [i, name] of chosen.entries()) {
    const digest = await digestOf(join(folder, name)).catch((error: Error) =>
      oneLine(error.message),
    );
    photos.push({ index: start + i, name, digest });
  }
  return photos;
}
