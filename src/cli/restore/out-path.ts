import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { checkImagePath } from 'spgd/node';
import { type RestoreOptions, usageError } from './restore-options';

/** The path of a result, or with a suffix of what belongs to it: `out-std.png`. */
export const beside = (path: string, suffix: string, extension = extname(path)): string =>
  `${path.slice(0, path.length - extname(path).length)}-${suffix}${extension}`;

/** Gives the path of each result, or throws before any work where it cannot be written. */
export async function outPaths(
  photos: readonly string[],
  { out }: Pick<RestoreOptions, 'out'>,
): Promise<(photo: string) => string> {
  const isFolder = (await stat(out ?? '').catch(() => undefined))?.isDirectory() ?? false;
  if (photos.length > 1 && out !== undefined && !isFolder)
    throw usageError('--out must be a folder that exists, for several photos');
  const pathOf = (photo: string): string => {
    const plain = `${basename(photo, extname(photo))}-restored.png`;
    if (out === undefined) return join(dirname(photo), plain);
    return isFolder ? join(out, plain) : out;
  };
  const paths = photos.map(pathOf);
  for (const path of paths) await checkImagePath(path);
  if (new Set(paths).size < paths.length)
    throw usageError('two of the photos have one name, and would be written to one file');
  return pathOf;
}
