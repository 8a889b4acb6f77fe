import { type Pixels, readPixels } from 'spgd/node';
import type { RestoreOptions } from './restore-options';

/** Reads a photo with the colours of its file, at the size that is asked for. */
export const readPhoto = (
  path: string,
  { size, grayscale = false, maxPixels }: RestoreOptions,
): Promise<Pixels> =>
  readPixels(path, { grayscale, maxPixels, ...(size && { size }), colours: 'file' });
