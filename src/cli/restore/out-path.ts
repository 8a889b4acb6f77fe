import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { checkImagePath } from 'spgd/node';
import { type RestoreOptions, usageError } from './restore-options';

/** Gives the path of each result, or throws before any work where it cannot be written. */
export async function outPaths(
  photos: readonly string[],
  { out, samples }: Pick<RestoreOptions, 'out' | 'samples'>,
): Promise<(photo: string, index: number) => string> {
  const isFolder = (await stat(out ?? '').catch(() => undefined))?.isDirectory() ?? false;
  if (photos.length > 1 && out !== undefined && !isFolder)
    throw usageError('--out must be a folder that exists, for several photos');
  const pathOf = (photo: string, index: number): string => {
    const plain = `${basename(photo, extname(photo))}-restored.png`;
    const path =
      out === undefined ? join(dirname(photo), plain) : isFolder ? join(out, plain) : out;
    if (samples === 1) return path;
    const extension = extname(path);
    return `${path.slice(0, path.length - extension.length)}-${index}${extension}`;
  };
  const paths = photos.map((photo) => pathOf(photo, 0));
  for (const path of paths) await checkImagePath(path);
  if (new Set(paths).size < paths.length)
    throw usageError('two of the photos have one name, and would be written to one file');
  return pathOf;
}
