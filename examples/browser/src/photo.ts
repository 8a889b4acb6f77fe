import type { Picture } from './messages';

/** Largest number of pixels that is read. */
const largest = 40e6;

/** The pixels of a bitmap at some size, what is transparent laid over white. */
function pixelsOf(bitmap: ImageBitmap | HTMLCanvasElement, width: number, height: number): Picture {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, values: data };
}

/** Reads a file of an image. Rejects with a message for the user. */
export async function readPhoto(file: Blob & { name?: string }): Promise<Picture> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name ?? 'This file'} is not a picture that this browser can read.`);
  });
  const { width, height } = bitmap;
  try {
    if (width * height > largest) throw new Error('This photo has more than 40 megapixels.');
    return pixelsOf(bitmap, width, height);
  } finally {
    bitmap.close();
  }
}

/**
 * A picture made smaller, if its longest side is longer than `side` (0 leaves it as it is), to sides
 * that divide by `multiple`.
 */
export function fitted(picture: Picture, side: number, multiple: number): Picture {
  const { width, height } = picture;
  const scale = side === 0 ? 1 : Math.min(1, side / Math.max(width, height));
  const [w, h] = [width, height].map(
    (length) => Math.max(1, Math.floor(Math.round(length * scale) / multiple)) * multiple,
  ) as [number, number];
  if (w === width && h === height) return picture;
  const canvas = document.createElement('canvas');
  show(canvas, picture);
  return pixelsOf(canvas, w, h);
}

/** Draws a picture on a canvas of its size. */
export function show(canvas: HTMLCanvasElement, { width, height, values }: Picture): void {
  Object.assign(canvas, { width, height });
  canvas.getContext('2d')!.putImageData(new ImageData(values, width, height), 0, 0);
}

/** The canvas as the address of a PNG file. */
export const pngOf = (canvas: HTMLCanvasElement): Promise<string> =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) =>
      blob ? resolve(URL.createObjectURL(blob)) : reject(new Error('The picture is too large.')),
    );
  });
