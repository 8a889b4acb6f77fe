import type { JpegFile, JpegInfo, ReadJpegOptions } from './jpeg-file';
import { errorLevelOf, qualityOf } from './tables';

/** What the tables of a file tell of its losses. */
type Losses = Pick<JpegInfo, 'quality' | 'errorLevel'>;

const withLosses = <T extends Omit<JpegInfo, keyof Losses>>(info: T): T & Losses => ({
  ...info,
  quality: qualityOf(info.tables[0]),
  errorLevel: errorLevelOf(info.tables[0]),
});

/**
 * What the header of a JPEG says of its compression: tables, quality, subsampling. It runs in a browser
 * too, and reads no coefficients.
 *
 * @param bytes The file.
 *
 * @throws RangeError, as half a sentence, for what is no JPEG, is cut or damaged, and for what `jpeg`
 * does not describe: CMYK, RGB, 12 bits, arithmetic coding, lossless files, other sampling of colours.
 */
export const jpegInfo = async (bytes: Uint8Array): Promise<JpegInfo> =>
  withLosses((await import('./decode-jpeg')).decodeInfo(bytes));

/**
 * Reads the coefficients of a JPEG, sequential or progressive, before any rounding to pixels. It runs
 * in a browser too. `jpeg(file)` is its operator, `jpegMeasurement(file)` its measurement.
 *
 * @param bytes The file.
 *
 * @throws RangeError as `jpegInfo` does, and for a file of more than `maxPixels`.
 */
export const readJpeg = async (
  bytes: Uint8Array,
  options: ReadJpegOptions = {},
): Promise<JpegFile> => withLosses((await import('./decode-jpeg')).decodeJpeg(bytes, options));
