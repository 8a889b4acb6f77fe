import * as tf from '@tensorflow/tfjs';
import type { Shape4D, Tile } from 'spgd';
import type { Pixels } from 'spgd/node';

/** Channels of colour: alpha is no colour. */
export const coloursOf = ({ shape }: Pick<Pixels, 'shape'>): 1 | 3 => (shape[2] < 3 ? 1 : 3);

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

/** A rectangle in [-1, 1], colours only, with what is transparent laid over white. */
export function valuesOf(pixels: Pixels, box: Tile): Float32Array {
  const { values, shape, white } = pixels;
  const [, width, stored] = shape;
  const colours = coloursOf(pixels);
  const result = new Float32Array(box.height * box.width * colours);
  eachPixel(box, width, (at, inside) => {
    const alpha = stored % 2 ? 1 : values[at * stored + stored - 1]! / white;
    for (let colour = 0; colour < colours; colour++)
      result[inside * colours + colour] =
        1 + alpha * (values[at * stored + colour]! / (white / 2) - 2);
  });
  return result;
}

/** Writes values in [-1, 1] over the pixels of a rectangle that `wanted` names; those become opaque. */
export function paste(
  pixels: Pixels,
  box: Tile,
  values: ArrayLike<number>,
  wanted: (at: number) => boolean = () => true,
): void {
  const [, width, stored] = pixels.shape;
  const colours = coloursOf(pixels);
  eachPixel(box, width, (at, inside) => {
    if (!wanted(at)) return;
    for (let colour = 0; colour < colours; colour++) {
      const level = ((values[inside * colours + colour]! + 1) / 2) * pixels.white;
      pixels.values[at * stored + colour] = Math.min(pixels.white, Math.max(0, Math.round(level)));
    }
    if (stored > colours) pixels.values[at * stored + colours] = pixels.white;
  });
}

/**
 * Mixes values in [-1, 1] into the pixels of a rectangle: `weight` gives their share at a row and a
 * column of the picture, in [0, 1]. What was transparent stays so.
 */
export function blend(
  pixels: Pixels,
  box: Tile,
  values: ArrayLike<number>,
  weight: (row: number, column: number) => number,
): void {
  const [, width, stored] = pixels.shape;
  const colours = coloursOf(pixels);
  eachPixel(box, width, (at, inside) => {
    const share = weight(Math.floor(at / width), at % width);
    if (share === 0) return;
    for (let colour = 0; colour < colours; colour++) {
      const level = ((values[inside * colours + colour]! + 1) / 2) * pixels.white;
      const mixed = share * level + (1 - share) * pixels.values[at * stored + colour]!;
      pixels.values[at * stored + colour] = Math.min(pixels.white, Math.max(0, Math.round(mixed)));
    }
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
  return copy;
}

/** A picture of its own from values in [-1, 1], as deep as another. */
export function pixelsFrom(
  values: ArrayLike<number>,
  shape: Pixels['shape'],
  white: number,
): Pixels {
  const pixels = blankPixels(shape, white);
  paste(pixels, wholeOf(pixels), values);
  return pixels;
}

/** A rectangle of a picture, or all of it, as `[1, height, width, colours]` in [-1, 1]. */
export const tensorOf = (pixels: Pixels, box: Tile = wholeOf(pixels)): tf.Tensor4D =>
  tf.tensor4d(valuesOf(pixels, box), [1, box.height, box.width, coloursOf(pixels)]);

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
