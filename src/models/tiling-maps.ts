import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { cutTiles, extend, fold, frame, placeTiles } from '../internal/tiles';
import type { TileLayout } from './tile-layout';

/** The linear maps between an image of the shape of x and its tiles, and their transposes. */
export function tilingMaps(x: Tensor4D, { padded, tiles, windows }: TileLayout, known?: Tensor4D) {
  const [batch, height, width] = x.shape;
  const size: [number, number] = [height, width];
  const isEmpty = tiles.length === 0;
  const windowsOf = (items: number): Tensor4D => {
    const { height: h, width: w } = tiles[0]!;
    const all = tf.tensor4d(windows, [tiles.length, h, w, 1]);
    if (items === 1) return all;
    const repeated = tf.tile(tf.reshape(all, [tiles.length, 1, h, w, 1]), [1, items, 1, 1, 1]);
    return tf.reshape(repeated, [tiles.length * items, h, w, 1]);
  };
  const crop = (image: Tensor4D): Tensor4D =>
    tf.slice(image, [0, 0, 0, 0], [image.shape[0], height, width, image.shape[3]]);
  const place = (parts: Tensor4D) => crop(placeTiles(parts, tiles, padded));

  /** What the tiles that are left out contribute. */
  const rest = (): Tensor4D => {
    const missing = isEmpty ? tf.scalar(1) : tf.sub(1, place(windowsOf(1)));
    const part = tf.mul<Tensor4D>(known!, missing);
    return part.shape[0] === batch ? part : tf.tile(part, [batch, 1, 1, 1]);
  };
  return {
    isEmpty,
    cut: (image: Tensor4D) => tf.tidy(() => cutTiles(extend(image, padded), tiles)),
    cutTransposed: (parts: Tensor4D) => tf.tidy(() => fold(placeTiles(parts, tiles, padded), size)),
    blend: (parts?: Tensor4D): Tensor4D =>
      tf.tidy(() => {
        const own = parts && place(tf.mul(parts, windowsOf(batch)));
        if (!known) return own!;
        return own ? tf.add<Tensor4D>(own, rest()) : rest();
      }),
    blendTransposed: (image: Tensor4D): Tensor4D =>
      tf.tidy(() => tf.mul(cutTiles(frame(image, padded), tiles), windowsOf(batch))),
  };
}
