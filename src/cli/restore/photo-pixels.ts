import * as tf from '@tensorflow/tfjs';
import type { Shape4D, Tile } from 'spgd';
import type { Pixels } from 'spgd/node';

/** Channels of colour: alpha is no colour. */
export const coloursOf = ({ shape }: Pick<Pixels, 'shape'>): 1 | 3 => (shape[2] < 3 ? 1 : 3);

/** Whether a picture has no colours: one channel, or three that are equal everywhere. */
export function isGray({ values, shape: [height, width, stored] }: Pixels): boolean {
  if (stored < 3) return true;
  for (let at = 0; at < height * width * stored; at += stored)
    if (values[at] !== values[at + 1] || values[at] !== values[at + 2]) return false;
  return true;
}

/** The whole of a picture as a rectangle. */
export const wholeOf = ({ shape: [height, width] }: Pick<Pixels, 'shape'>): Tile => ({
  top: 0,
  left: 0,
  height,
  width,
});

/** Its centre, up to 2048 pixels square: enough to measure its noise by. */
export function centreOf({ shape: [height, width] }: Pick<Pixels, 'shape'>): Tile {
  const [h, w] = [Math.min(height, 2048), Math.min(width, 2048)];
  return { top: (height - h) >> 1, left: (width - w) >> 1, height: h, width: w };
}

/** Calls `visit` with the place of each pixel of a rectangle, in the picture and in the rectangle. */
function eachPixel(box: Tile, width: number, visit: (at: number, inside: number) => void): void {
  for (let row = 0; row < box.height; row++) {
    const first = (box.top + row) * width + box.left;
    for (let column = 0; column < box.width; column++)
      visit(first + column, row * box.width + column);
  }
}

/** How opaque a pixel is, in [0, 1]. */
const alphaOf = ({ values, shape: [, , stored], white }: Pixels, at: number): number =>
  stored % 2 ? 1 : values[at * stored + stored - 1]! / white;

/**
 * A rectangle in [-1, 1], colours only, with what is transparent laid over white. A gray picture gives
 * as many equal channels as are asked for; one in colour its first channels.
 */
export function valuesOf(
  pixels: Pixels,
  box: Tile,
  channels: number = coloursOf(pixels),
): Float32Array {
  const { values, shape, white } = pixels;
  const [, width, stored] = shape;
  const last = coloursOf(pixels) - 1;
  const result = new Float32Array(box.height * box.width * channels);
  eachPixel(box, width, (at, inside) => {
    const alpha = alphaOf(pixels, at);
    for (let channel = 0; channel < channels; channel++)
      result[inside * channels + channel] =
        1 + alpha * (values[at * stored + Math.min(channel, last)]! / (white / 2) - 2);
  });
  return result;
}

/**
 * Reads the level of a colour of a picture from values in [-1, 1]: a gray picture gets the mean of their
 * channels, a picture in colour the one channel that there is.
 */
function levels(values: ArrayLike<number>, box: Tile, pixels: Pixels) {
  const colours = coloursOf(pixels);
  const channels = values.length / (box.height * box.width);
  const isMean = colours < channels;
  return (inside: number, colour: number, alpha: number): number => {
    const from = inside * channels;
    let value = values[from + Math.min(colour, channels - 1)]!;
    if (isMean) {
      value = 0;
      for (let channel = 0; channel < channels; channel++) value += values[from + channel]!;
      value /= channels;
    }
    // What lies over white is taken apart again.
    return ((1 + (value - 1) / alpha + 1) / 2) * pixels.white;
  };
}

/**
 * Mixes values in [-1, 1] into the pixels of a rectangle: `weight` gives their share at a row and a
 * column of the picture, in [0, 1]. What was transparent stays so, unless `opaque` is true.
 */
export function blend(
  pixels: Pixels,
  box: Tile,
  values: ArrayLike<number>,
  weight: (row: number, column: number) => number,
  { opaque = false } = {},
): void {
  const [, width, stored] = pixels.shape;
  const colours = coloursOf(pixels);
  const levelOf = levels(values, box, pixels);
  eachPixel(box, width, (at, inside) => {
    const share = weight(Math.floor(at / width), at % width);
    const alpha = opaque ? 1 : alphaOf(pixels, at);
    if (share === 0 || alpha === 0) return;
    for (let colour = 0; colour < colours; colour++) {
      const level = levelOf(inside, colour, alpha);
      const mixed = share * level + (1 - share) * pixels.values[at * stored + colour]!;
      pixels.values[at * stored + colour] = Math.min(pixels.white, Math.max(0, Math.round(mixed)));
    }
    if (opaque && stored > colours) pixels.values[at * stored + colours] = pixels.white;
  });
}

/** A blank picture: levels of 8 or 16 bits, all 0. */
export function blankPixels(shape: Pixels['shape'], white: number): Pixels {
  const Values = white > 255 ? Uint16Array : Uint8Array;
  return { values: new Values(shape[0] * shape[1] * shape[2]), shape, white };
}

/** A copy of a picture. The `slice` of a Node buffer would share its memory. */
export function copyOf(pixels: Pixels): Pixels {
  const copy = blankPixels(pixels.shape, pixels.white);
  copy.values.set(pixels.values);
  return { ...copy, ...(pixels.file && { file: pixels.file }) };
}

/** A blank picture of another size, with the alpha of a photo enlarged or reduced, and its file. */
export async function resizedBlank(
  photo: Pixels,
  [height, width]: readonly [number, number],
): Promise<Pixels> {
  const [ownHeight, ownWidth, stored] = photo.shape;
  const blank = blankPixels([height, width, stored], photo.white);
  if (stored % 2 === 0) {
    const resized = tf.tidy(() => {
      const alpha = Float32Array.from({ length: ownHeight * ownWidth }, (_, at) =>
        alphaOf(photo, at),
      );
      const plane = tf.tensor4d(alpha, [1, ownHeight, ownWidth, 1]);
      return tf.image.resizeBilinear(plane, [height, width], false, true);
    });
    const values = await resized.data();
    resized.dispose();
    for (const [at, alpha] of values.entries())
      blank.values[at * stored + stored - 1] = Math.round(alpha * photo.white);
  }
  return { ...blank, ...(photo.file && { file: photo.file }) };
}

/** A picture with other colours, values in [-1, 1], and the alpha of a photo. */
export function recoloured(photo: Pixels, values: ArrayLike<number>): Pixels {
  const pixels = copyOf(photo);
  blend(pixels, wholeOf(pixels), values, () => 1);
  return pixels;
}

/** A rectangle of a picture, or all of it, as `[1, height, width, channels]` in [-1, 1]. */
export const tensorOf = (
  pixels: Pixels,
  box: Tile = wholeOf(pixels),
  channels: number = coloursOf(pixels),
): tf.Tensor4D =>
  tf.tensor4d(valuesOf(pixels, box, channels), [1, box.height, box.width, channels]);

/** A rectangle of an image `[1, height, width, channels]` that lies in plain numbers. */
export function cropOf(
  values: Float32Array,
  [, , width, channels]: Shape4D,
  box: Tile,
): tf.Tensor4D {
  const part = new Float32Array(box.height * box.width * channels);
  for (let row = 0; row < box.height; row++) {
    const from = ((box.top + row) * width + box.left) * channels;
    part.set(values.subarray(from, from + box.width * channels), row * box.width * channels);
  }
  return tf.tensor4d(part, [1, box.height, box.width, channels]);
}
