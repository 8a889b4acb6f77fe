import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** A rectangle of pixels. */
export interface Tile {
  /** First row. */
  readonly top: number;
  /** First column. */
  readonly left: number;
  /** Number of rows. */
  readonly height: number;
  /** Number of columns. */
  readonly width: number;
}

/** Where a position past the end lies when the axis is reflected about its last and first pixel. */
function mirrored(position: number, length: number): number {
  const period = Math.max(1, 2 * length - 2);
  const inside = position % period;
  return inside < length ? inside : period - inside;
}

function row(x: Tensor4D, axis: 1 | 2, at: number): Tensor4D {
  const begin = [0, 0, 0, 0] as [number, number, number, number];
  const size = [...x.shape] as [number, number, number, number];
  begin[axis] = at;
  size[axis] = 1;
  return tf.slice(x, begin, size);
}

/** Puts an image into a frame of zeros, `[batch, height, width, channels]`, at a place. */
export function frame(
  x: Tensor4D,
  [height, width]: readonly [number, number],
  [top, left]: readonly [number, number] = [0, 0],
): Tensor4D {
  const [, ownHeight, ownWidth] = x.shape;
  const rows: [number, number] = [top, height - ownHeight - top];
  const columns: [number, number] = [left, width - ownWidth - left];
  return tf.pad(x, [[0, 0], rows, columns, [0, 0]]);
}

function extendAxis(x: Tensor4D, axis: 1 | 2, to: number): Tensor4D {
  const length = x.shape[axis];
  const more = Array.from({ length: to - length }, (_, i) =>
    row(x, axis, mirrored(length + i, length)),
  );
  return more.length > 0 ? tf.concat([x, ...more], axis) : x;
}

function foldAxis(x: Tensor4D, axis: 1 | 2, length: number): Tensor4D {
  const [, height, width] = x.shape;
  const size: [number, number] = axis === 1 ? [length, width] : [height, length];
  const more = Array.from({ length: x.shape[axis] - length }, (_, i) => {
    const at = mirrored(length + i, length);
    return frame(row(x, axis, length + i), size, axis === 1 ? [at, 0] : [0, at]);
  });
  const own = tf.slice(x, [0, 0, 0, 0], [x.shape[0], ...size, x.shape[3]]);
  // Not `tf.addN`: on WebGPU it is wrong for more than seven terms.
  return more.reduce((sum, term) => tf.add(sum, term), own);
}

/** Continues an image below and to the right by reflection, as far as need be. */
export const extend = (x: Tensor4D, [height, width]: readonly [number, number]): Tensor4D =>
  tf.tidy(() => tf.clone(extendAxis(extendAxis(x, 1, height), 2, width)));

/** The transpose of `extend`: adds what lies past the end to the pixels it was copied from. */
export const fold = (x: Tensor4D, [height, width]: readonly [number, number]): Tensor4D =>
  tf.tidy(() => foldAxis(foldAxis(x, 2, width), 1, height));

/** Cuts tiles of one size out of an image, one after another along the batch axis. */
export const cutTiles = (x: Tensor4D, tiles: readonly Tile[]): Tensor4D =>
  tf.tidy(() =>
    tf.concat(
      tiles.map(({ top, left, height, width }) =>
        tf.slice(x, [0, top, left, 0], [x.shape[0], height, width, x.shape[3]]),
      ),
    ),
  );

/** The transpose of `cutTiles`: adds tiles up in an image of this height and width. */
export function placeTiles(
  parts: Tensor4D,
  tiles: readonly Tile[],
  [height, width]: readonly [number, number],
): Tensor4D {
  const batch = parts.shape[0] / tiles.length;
  const [, tileHeight, tileWidth, channels] = parts.shape;
  const one = (i: number) =>
    tf.slice(parts, [i * batch, 0, 0, 0], [batch, tileHeight, tileWidth, channels]);
  const sum = (terms: readonly (() => Tensor4D)[]): Tensor4D =>
    terms.slice(1).reduce((total, term) => {
      const next = tf.tidy(() => tf.add<Tensor4D>(total, term()));
      total.dispose();
      return next;
    }, tf.tidy(terms[0]!));
  // Row by row, so that an image is added up as often as there are rows of tiles, not tiles.
  return tf.tidy(() => {
    const tops = [...new Set(tiles.map(({ top }) => top))];
    const strips = tops.map((top) => () => {
      const terms = tiles.flatMap((tile, i) =>
        tile.top === top ? [() => frame(one(i), [tileHeight, width], [0, tile.left])] : [],
      );
      return frame(sum(terms), [height, width], [top, 0]);
    });
    return sum(strips);
  });
}
