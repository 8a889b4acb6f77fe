import { stat } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import sharp, { type Sharp } from 'sharp';
import writeFileAtomic from 'write-file-atomic';
import { checkInteger, checkRange, checkType } from '../internal/check';
import { exifFor } from './exif';
import { inputError, writeFailure } from './input-error';
import type { Pixels } from './pixels';
import { pngWith } from './png-chunks';

/** Options of `writeImage`. */
export interface WriteImageOptions {
  /**
   * Quality of jpg and webp: an integer from 1 to 100. Png and tiff lose nothing.
   * @default 95
   */
  quality?: number;
  /**
   * Keeps the place in the EXIF of a picture that `readPixels` read.
   * @default false
   */
  keepGps?: boolean;
}

const encoders: Record<string, (image: Sharp, quality: number) => Sharp> = {
  '.png': (image) => image.png(),
  '.jpg': (image, quality) => image.jpeg({ quality, chromaSubsampling: '4:4:4' }),
  '.jpeg': (image, quality) => image.jpeg({ quality, chromaSubsampling: '4:4:4' }),
  '.webp': (image, quality) => image.webp({ quality }),
  '.tif': (image) => image.tiff({ compression: 'deflate' }),
  '.tiff': (image) => image.tiff({ compression: 'deflate' }),
};

const extensionOf = (path: string): string => extname(path).toLowerCase();

/**
 * Throws what `writeImage` would throw for this path before any work: `RangeError` for an extension
 * it does not write, an error that names the folder where there is none.
 */
export async function checkImagePath(path: string): Promise<void> {
  checkType(typeof path === 'string', 'writeImage', 'path', 'a string', typeof path);
  const names = Object.keys(encoders).join(', ');
  const known = Object.hasOwn(encoders, extensionOf(path));
  checkRange(known, 'writeImage', 'path', `a file name that ends with ${names}`, path);
  const folder = dirname(path);
  const stats = await stat(folder).catch(() => undefined);
  if (!stats?.isDirectory())
    throw inputError(
      `writeImage: cannot write ${path}: there is no folder ${folder}; make it first`,
    );
}

/** Rounds to bytes: -1 is 0, 1 is 255, and what lies outside is cut off, never stretched. */
function toBytes(values: ArrayLike<number>): Uint8ClampedArray {
  const bytes = new Uint8ClampedArray(values.length);
  for (let i = 0; i < bytes.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value))
      checkRange(false, 'writeImage', 'image', 'finite numbers', `${value} at position ${i}`);
    bytes[i] = Math.round((value + 1) * 127.5);
  }
  return bytes;
}

function imageSize(image: Tensor3D | Tensor4D): [number, number, 1 | 3] {
  const [height = 0, width = 0, channels = 0, ...more] =
    image.rank === 4 && image.shape[0] === 1 ? image.shape.slice(1) : image.shape;
  const valid = more.length === 0 && height > 0 && width > 0 && (channels === 1 || channels === 3);
  const rule = '[1, height, width, channels] or [height, width, channels] with 1 or 3 channels';
  checkRange(valid, 'writeImage', 'image.shape', rule, image.shape);
  return [height, width, channels as 1 | 3];
}

/**
 * Writes one image, `[1, height, width, 1 or 3]` or without the 1, values in [-1, 1], as png, jpg,
 * webp or tiff by the extension of `path`.
 *
 * Values are rounded to 8 bits; those outside [-1, 1] are cut off, and nothing is stretched. The file
 * appears whole or not at all. The tensor stays the caller's.
 *
 * Throws before any work for an extension it does not write or a folder that is missing, and in one
 * line where the disk refuses; `RangeError` for another shape and for NaN.
 */
export async function writeImage(
  path: string,
  image: Tensor3D | Tensor4D,
  { quality = 95 }: WriteImageOptions = {},
): Promise<void> {
  const [height, width, channels] = imageSize(image);
  await checkImagePath(path);
  const values = toBytes(await image.data());
  await writePixels(path, { values, shape: [height, width, channels], white: 255 }, { quality });
}

/** The picture as sharp takes it, with the profile and the EXIF of the file it was read from. */
async function withFile(picture: Sharp, { file }: Pixels, keepGps: boolean): Promise<Sharp> {
  const exif = file?.exif && exifFor(file.exif, { keepGps });
  if (!exif && !file?.icc) return picture;
  const png = await picture.png({ compressionLevel: 0 }).toBuffer();
  const carrier = sharp(pngWith(png, { icc: file?.icc, exif }), {
    ignoreIcc: true,
    limitInputPixels: false,
  });
  return carrier.keepIccProfile().keepExif();
}

/** What a file named `path` cannot hold of a picture, each as the end of a sentence. */
export function lostIn(path: string, { shape: [, , channels], white, file }: Pixels): string[] {
  const extension = extensionOf(path);
  const isJpeg = extension === '.jpg' || extension === '.jpeg';
  return [
    ...(isJpeg && channels % 2 === 0 ? ['holds nothing transparent'] : []),
    ...((isJpeg || extension === '.webp') && white > 255 ? ['holds 8 bits, not 16'] : []),
    ...(extension.startsWith('.tif') && file?.exif ? ['is written without EXIF'] : []),
  ];
}

/**
 * Writes whole numbers as png, jpg, webp or tiff by the extension of `path`: what `readPixels` read
 * comes back to the bit from png and tiff. Jpg and webp hold 8 bits, and jpg nothing transparent: it
 * is laid over white. The colour profile and the EXIF of the file that was read are kept, with the
 * orientation applied; tiff holds no EXIF here.
 *
 * The file appears whole or not at all. Throws as `writeImage` does.
 */
export async function writePixels(
  path: string,
  pixels: Pixels,
  { quality = 95, keepGps = false }: WriteImageOptions = {},
): Promise<void> {
  const { values, shape, white } = pixels;
  await checkImagePath(path);
  checkInteger('writeImage', 'quality', quality, 1);
  checkRange(quality <= 100, 'writeImage', 'quality', 'at most 100', quality);
  const [height, width, channels] = shape;
  const [gray, colour] = white > 255 ? (['grey16', 'rgb16'] as const) : (['b-w', 'srgb'] as const);
  const raw = { width, height, channels: channels as 1 | 2 | 3 | 4 };
  const picture = sharp(values, { raw }).toColourspace(channels < 3 ? gray : colour);
  const extension = extensionOf(path);
  const carried = await withFile(picture, pixels, keepGps);
  carried.toColourspace(channels < 3 ? gray : colour);
  if (/^\.jpe?g$/.test(extension)) carried.flatten({ background: '#fff' });
  const encoded = await encoders[extension]!(carried, quality).toBuffer();
  await writeFileAtomic(path, encoded).catch((error: unknown) => {
    throw new Error(`writeImage: cannot write ${path}: ${writeFailure(error)}`, { cause: error });
  });
}
