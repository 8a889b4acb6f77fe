import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { readImage } from 'spgd/node';

/** Which crops of a folder of photos are measured on. */
export interface CropOptions {
  readonly photos: string;
  /** How many photos, in the order of their names, and how many before them are left out. */
  readonly count: number;
  readonly skip: number;
  /** How much each photo is reduced first. */
  readonly reduce: number;
  /** Side of the crop in pixels. */
  readonly size: number;
  /**
   * Its width, where it is not square.
   * @default size
   */
  readonly width?: number;
}

/** The centre of a photo after it was reduced: `[1, size, width, 3]`. */
async function crop(
  path: string,
  { reduce, size, width: across = size }: CropOptions,
): Promise<tf.Tensor4D> {
  const whole = await readImage(path);
  const [height, width] = whole.shape.slice(1, 3).map((side) => Math.floor(side / reduce));
  whole.dispose();
  const small = await readImage(path, { size: [height!, width!] });
  const centre = [0, (height! - size) >> 1, (width! - across) >> 1, 0] as const;
  const cut = tf.slice(small, [...centre], [1, size, across, 3]);
  small.dispose();
  return cut;
}

/** The crops, one tensor each. */
export async function readCrops(options: CropOptions): Promise<tf.Tensor4D[]> {
  const files = (await readdir(options.photos)).filter((file) => /\.(png|jpe?g|webp)$/i.test(file));
  const chosen = files.sort().slice(options.skip, options.skip + options.count);
  const crops: tf.Tensor4D[] = [];
  for (const file of chosen) crops.push(await crop(join(options.photos, file), options));
  return crops;
}
