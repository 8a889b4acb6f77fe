import * as tf from '@tensorflow/tfjs';
import type { Picture } from './picture';

/** The colours of a picture as plain numbers in [-1, 1], `[height, width, 3]`. */
export function coloursOf({ width, height, values }: Picture): Float32Array {
  const colours = new Float32Array(height * width * 3);
  for (let at = 0; at < height * width; at++)
    for (let colour = 0; colour < 3; colour++)
      colours[3 * at + colour] = values[4 * at + colour]! / 127.5 - 1;
  return colours;
}

/** A picture as a tensor `[1, height, width, 3]` in [-1, 1]. */
export const tensorOf = (picture: Picture): tf.Tensor4D =>
  tf.tensor4d(coloursOf(picture), [1, picture.height, picture.width, 3]);

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
