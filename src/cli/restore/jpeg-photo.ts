import { type JpegFile, readJpeg } from 'spgd';
import { type Pixels, readInput } from 'spgd/node';
import type { RestoreOptions } from './restore-options';

/** The coefficients of a photo, or why they are not read; undefined for another format. */
export type JpegPhoto = { readonly file: JpegFile } | { readonly refusal: string };

/** From this quality on the losses of a JPEG are not worth a restoration that nobody asked for. */
const goodQuality = 90;

/** Reads the coefficients of a photo that is a JPEG, where it is restored as it is stored. */
export async function jpegOf(
  path: string,
  { file }: Pixels,
  { maxPixels, size, grayscale }: Pick<RestoreOptions, 'maxPixels' | 'size' | 'grayscale'>,
): Promise<JpegPhoto | undefined> {
  if (file?.format !== 'jpeg') return undefined;
  if (size || grayscale)
    return { refusal: `${size ? '--size' : '--grayscale'} changes what it has stored` };
  try {
    const bytes = await readInput(path, { purpose: 'restore' });
    return { file: await readJpeg(bytes, { maxPixels }) };
  } catch (error) {
    if (error instanceof RangeError) return { refusal: error.message };
    throw error;
  }
}

/** What is found, in a few words: `a JPEG of quality 20, colours 4:2:0`. */
export const jpegText = ({ quality, subsampling, isGrey }: JpegFile): string =>
  `a JPEG of quality ${quality}, ${isGrey ? 'grey' : `colours ${subsampling}`}`;

/**
 * Whether compression is what a photo suffers from most: a low quality, and no more noise than its
 * errors.
 */
export const isCompressed = (file: JpegFile, noise: number): boolean =>
  file.quality < goodQuality && noise < file.errorLevel;
