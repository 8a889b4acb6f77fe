import type { Picture } from 'spgd/browser';

/** Largest number of pixels that is opened without asking. */
const largest = 40e6;

/** Asks whether a photo may be reduced to this size; resolves with the answer. */
export type AskToReduce = (
  photo: { width: number; height: number },
  reduced: { width: number; height: number },
) => Promise<boolean>;

const isHeic = ({ type, name = '' }: Blob & { name?: string }) =>
  /hei[cf]/.test(type) || /\.hei[cf]$/i.test(name);

/** The pixels of a bitmap at some size, with their alpha. */
export function pixelsOf(bitmap: CanvasImageSource, width: number, height: number): Picture {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, values: data };
}

/**
 * Reads a file of an image, upright and at its own size; a photo of more than 40 megapixels is reduced
 * if the user agrees. Resolves with undefined if not; rejects with a message for the user.
 */
export async function readPhoto(
  file: Blob & { name?: string },
  ask: AskToReduce,
): Promise<Picture | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => {
    const name = file.name ?? 'This file';
    throw new Error(
      isHeic(file)
        ? `${name} is HEIC, which this browser cannot read: share it from the phone as JPEG, or set the camera to “Most compatible”.`
        : `${name} is not a picture that this browser can read.`,
    );
  });
  try {
    const { width, height } = bitmap;
    const scale = Math.min(1, Math.sqrt(largest / (width * height)));
    const [w, h] = [Math.floor(width * scale), Math.floor(height * scale)];
    const isAgreed = scale === 1 || (await ask({ width, height }, { width: w, height: h }));
    return isAgreed ? pixelsOf(bitmap, w, h) : undefined;
  } finally {
    bitmap.close();
  }
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
