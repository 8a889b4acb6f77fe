import sharp from 'sharp';
import { firstLine, inputError } from './input-error';
import type { Pixels } from './pixels';
import type { ReadImageOptions } from './read-image-options';

function refuse(name: string, error: unknown): Error {
  const message = firstLine(error);
  const unknownKind = /unsupported image format|is empty/.test(message);
  const why = unknownKind
    ? 'it is not an image; png, jpeg, webp, tiff, gif, avif and svg are read'
    : `the image is damaged or not supported (${message})`;
  return inputError(`readImage: cannot read ${name}: ${why}`, error);
}

async function readMetadata(bytes: Uint8Array, name: string, maxPixels: number) {
  const metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  const { width, height } = metadata;
  if (width * height <= maxPixels) return metadata;
  throw inputError(
    `readImage: ${name} must have at most maxPixels = ${maxPixels} pixels, got ${width} x ${height}; ` +
      'raise maxPixels or shrink the image',
  );
}

/** Decodes, turns upright, converts to sRGB (or gray) and resizes; alpha stays a channel. */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  { size, fit = 'cover', grayscale = false, maxPixels = 40e6 }: ReadImageOptions,
): Promise<Pixels> {
  try {
    const deep = (await readMetadata(bytes, name, maxPixels)).depth === 'ushort';
    const image = sharp(bytes, { limitInputPixels: maxPixels, autoOrient: true });
    if (size) image.resize({ height: size[0], width: size[1], fit });
    const [shallowSpace, deepSpace] = grayscale ? ['b-w', 'grey16'] : ['srgb', 'rgb16'];
    const { data, info } = await image
      .toColourspace(deep ? deepSpace : shallowSpace)
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const values = deep ? new Uint16Array(new Uint8Array(data).buffer) : data;
    const shape: Pixels['shape'] = [info.height, info.width, info.channels];
    return { values, shape, white: deep ? 65535 : 255 };
  } catch (error) {
    throw (error as Error).name === 'InputError' ? error : refuse(name, error);
  }
}
