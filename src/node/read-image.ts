import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkRange, checkType } from '../internal/check';
import { decodeImage } from './decode-image';
import { readInput } from './open-file';
import type { Pixels } from './pixels';
import type { ReadImageOptions, ReadPixelsOptions } from './read-image-options';

function check(source: unknown, { size, fit, maxPixels }: ReadImageOptions): void {
  const readable = typeof source === 'string' || source instanceof Uint8Array;
  checkType(readable, 'readImage', 'source', 'a path or the bytes of a file', typeof source);
  const fits = fit === undefined || fit === 'cover' || fit === 'fill';
  checkRange(fits, 'readImage', 'fit', "'cover' or 'fill'", fit);
  if (maxPixels !== undefined) checkInteger('readImage', 'maxPixels', maxPixels, 1);
  if (size === undefined) return;
  const valid = size.length === 2 && size.every((side) => Number.isInteger(side) && side >= 1);
  checkRange(valid, 'readImage', 'size', '[height, width], integers >= 1', size);
}

/** Largest file of a picture in bytes. */
const maxBytes = 2 ** 30;

const readPath = (path: string): Promise<Uint8Array> =>
  readInput(path, { purpose: 'readImage', maxBytes });

/** Values in [-1, 1], with what is transparent laid over white. */
function toValues({ values, shape, white }: Pixels, channels: 1 | 3): Float32Array {
  const [height, width, stored] = shape;
  const opaque = stored % 2 === 1;
  const image = new Float32Array(height * width * channels);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const first = pixel * stored;
    const alpha = opaque ? 1 : values[first + stored - 1]! / white;
    for (let channel = 0; channel < channels; channel++) {
      const level = values[first + (stored > 2 ? channel : 0)]!;
      image[pixel * channels + channel] = 1 + alpha * (level / (white / 2) - 2);
    }
  }
  return image;
}

/**
 * Reads a picture as whole numbers, 8 or 16 bits as in the file; what is transparent stays so.
 *
 * The rest is as `readImage` has it: upright, sRGB or with `grayscale` its luminance, the first page.
 * `colours: 'file'` keeps the numbers of the file and its profile.
 *
 * @param source A path, or the bytes of a file.
 */
export async function readPixels(
  source: string | Uint8Array,
  options: ReadPixelsOptions = {},
): Promise<Pixels> {
  check(source, options);
  const name = typeof source === 'string' ? source : 'the bytes given';
  const bytes = typeof source === 'string' ? await readPath(source) : source;
  return decodeImage(bytes, name, options);
}

/**
 * Reads a picture (png, jpeg, webp, tiff, gif, avif) into `[1, height, width, 3]`, or 1 channel
 * with `grayscale`, values in [-1, 1]: black is -1, white is 1.
 *
 * The image is turned upright as its EXIF data say and converted to sRGB by its colour profile; gray
 * becomes 3 equal channels; what is transparent is laid over white; 16-bit files keep their depth; of
 * an animation or a document of several pages, the first is read.
 *
 * Throws an error of one line that names the file where it is missing, no regular file, no image, an
 * SVG, of another depth than 8 or 16 bits, larger than `maxPixels`, or takes more than a minute;
 * `RangeError` for options. The caller disposes the tensor.
 *
 * @param source A path, or the bytes of a file.
 */
export async function readImage(
  source: string | Uint8Array,
  options: ReadImageOptions = {},
): Promise<tf.Tensor4D> {
  const decoded = await readPixels(source, options);
  const [height, width] = decoded.shape;
  const channels = options.grayscale ? 1 : 3;
  return tf.tensor4d(toValues(decoded, channels), [1, height, width, channels]);
}
