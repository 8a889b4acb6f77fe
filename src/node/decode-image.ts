import sharp, { type Metadata, type Sharp } from 'sharp';
import { firstLine, inputError } from './input-error';
import { isDrawing, isHeic } from './picture-kind';
import type { PictureFile, Pixels } from './pixels';
import type { ReadPixelsOptions } from './read-image-options';

const formats: readonly string[] = ['png', 'jpeg', 'webp', 'tiff', 'gif', 'heif', 'avif'];
const readable = 'png, jpeg, webp, tiff, gif and avif are read';

/** Longest time of decoding in seconds. */
const patience = 60;

/** Why a file cannot be decoded, with what to do. */
function reasonOf(bytes: Uint8Array, error: unknown): string {
  const message = firstLine(error);
  if (isHeic(bytes))
    return 'HEIC is not supported by this build of libvips: convert to JPEG or PNG first';
  if (/unsupported image format|is empty/.test(message)) return `it is not an image; ${readable}`;
  if (/timeout/.test(message)) return `decoding takes longer than ${patience} s`;
  return `the image is damaged or not supported (${message})`;
}

/** Reads the header, and rejects what is too large, a drawing, or of another depth than 8 or 16 bits. */
async function readMetadata(bytes: Uint8Array, name: string, maxPixels: number): Promise<Metadata> {
  const refuse = (why: string) => inputError(`readImage: cannot read ${name}: ${why}`);
  if (isDrawing(bytes)) throw refuse(`it is an SVG, which is no photo; ${readable}`);
  const metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  const { width, height, format, depth } = metadata;
  if (!formats.includes(format)) throw refuse(`it is of the format ${format}; ${readable}`);
  if (width * height > maxPixels)
    throw inputError(
      `readImage: ${name} must have at most maxPixels = ${maxPixels} pixels, got ${width} x ${height}; ` +
        'raise maxPixels or shrink the image',
    );
  if (depth !== 'uchar' && depth !== 'ushort')
    throw refuse(
      `its values are of the type ${depth}, and 8 or 16 bits without sign are read: save it with 16 bits`,
    );
  return metadata;
}

const isGray = ({ space }: Metadata): boolean => space === 'b-w' || space === 'grey16';

/** Upright, in the colours that the options ask for, of the size that they ask for. */
function prepared(
  bytes: Uint8Array,
  metadata: Metadata,
  { size, fit = 'cover', grayscale, maxPixels, colours }: ReadPixelsOptions,
): Sharp {
  const keeps = colours === 'file' && metadata.space !== 'cmyk';
  const image = sharp(bytes, {
    limitInputPixels: maxPixels ?? false,
    autoOrient: true,
    ignoreIcc: keeps,
  }).timeout({ seconds: patience });
  if (size) image.resize({ height: size[0], width: size[1], fit });
  const deep = metadata.depth === 'ushort';
  const [shallowSpace, deepSpace] =
    grayscale || (keeps && isGray(metadata)) ? ['b-w', 'grey16'] : ['srgb', 'rgb16'];
  return image.toColourspace(deep ? deepSpace! : shallowSpace!);
}

const fileOf = (
  { format, pages = 1, space, icc, exif, orientation }: Metadata,
  { colours, grayscale }: ReadPixelsOptions,
): PictureFile => {
  const isCmyk = space === 'cmyk';
  const keeps = colours === 'file' && !isCmyk && !(grayscale && !/^(b-w|grey16)$/.test(space));
  return {
    format,
    pages,
    isCmyk,
    ...(orientation !== undefined && { orientation }),
    ...(keeps && icc && { icc }),
    ...(exif && { exif }),
  };
};

/** Decodes, turns upright, converts colours and resizes; alpha stays a channel. */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  options: ReadPixelsOptions,
): Promise<Pixels> {
  try {
    const { maxPixels = 40e6 } = options;
    const metadata = await readMetadata(bytes, name, maxPixels);
    const deep = metadata.depth === 'ushort';
    const { data, info } = await prepared(bytes, metadata, { ...options, maxPixels })
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const values = deep ? new Uint16Array(new Uint8Array(data).buffer) : data;
    const shape: Pixels['shape'] = [info.height, info.width, info.channels];
    return { values, shape, white: deep ? 65535 : 255, file: fileOf(metadata, options) };
  } catch (error) {
    if ((error as Error).name === 'InputError') throw error;
    throw inputError(`readImage: cannot read ${name}: ${reasonOf(bytes, error)}`, error);
  }
}
