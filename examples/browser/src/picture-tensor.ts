import * as tf from '@tensorflow/tfjs';
import type { Tile } from 'spgd';
import type { Picture } from './messages';

/** A picture as a tensor `[1, height, width, 3]` in [-1, 1]. */
export function tensorOf({ width, height, values }: Picture): tf.Tensor4D {
  const colours = new Float32Array(height * width * 3);
  for (let at = 0; at < height * width; at++)
    for (let colour = 0; colour < 3; colour++)
      colours[3 * at + colour] = values[4 * at + colour]! / 127.5 - 1;
  return tf.tensor4d(colours, [1, height, width, 3]);
}

/** A tensor `[1, height, width, 3]` in [-1, 1] as an opaque picture. */
export async function pictureOf(image: tf.Tensor4D): Promise<Picture> {
  const [, height, width] = image.shape;
  const colours = await image.data();
  const values = new Uint8ClampedArray(height * width * 4).fill(255);
  for (let at = 0; at < height * width; at++)
    for (let colour = 0; colour < 3; colour++)
      values[4 * at + colour] = (colours[3 * at + colour]! + 1) * 127.5;
  return { width, height, values };
}

/** A picture in which some pixels of a rectangle come from another, as large as the rectangle. */
export function pasted(
  picture: Picture,
  patch: Picture,
  { top, left }: Pick<Tile, 'top' | 'left'>,
  wanted: Uint8Array,
): Picture {
  const values = picture.values.slice();
  for (let at = 0; at < patch.width * patch.height; at++) {
    const row = top + Math.floor(at / patch.width);
    const place = row * picture.width + left + (at % patch.width);
    if (wanted[place]) values.set(patch.values.subarray(4 * at, 4 * at + 4), 4 * place);
  }
  return { ...picture, values };
}
