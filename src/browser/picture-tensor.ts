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

/** Whether red, green and blue are equal everywhere. */
export function isGray({ values }: Picture): boolean {
  for (let at = 0; at < values.length; at += 4)
    if (values[at] !== values[at + 1] || values[at] !== values[at + 2]) return false;
  return true;
}

/** A picture as a tensor `[1, height, width, channels]` in [-1, 1]: one channel where it is grey. */
export function tensorOf(picture: Picture): tf.Tensor4D {
  const { height, width } = picture;
  const colours = coloursOf(picture);
  if (!isGray(picture)) return tf.tensor4d(colours, [1, height, width, 3]);
  return tf.tensor4d(
    colours.filter((_, at) => at % 3 === 0),
    [1, height, width, 1],
  );
}

/** A tensor `[1, height, width, 1 or 3]` in [-1, 1] as an opaque picture. */
export async function pictureOf(image: tf.Tensor4D): Promise<Picture> {
  const [, height, width, channels] = image.shape;
  const colours = await image.data();
  const values = new Uint8ClampedArray(height * width * 4).fill(255);
  for (let at = 0; at < height * width; at++)
    for (let colour = 0; colour < 3; colour++)
      values[4 * at + colour] =
        (colours[channels * at + Math.min(colour, channels - 1)]! + 1) * 127.5;
  return { width, height, values };
}
