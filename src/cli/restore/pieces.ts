import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  type ForwardOperator,
  inpainting,
  type Tile,
  type TiledDenoiserOptions,
  tiledDenoiser,
} from 'spgd';
import type { Pixels } from 'spgd/node';
import { coloursOf, paste, tensorOf } from './photo-pixels';
import type { Prior } from './prior';
import { clear, cropMap, type DamageMap, hasDamage, regionsOf } from './regions';

/** What a piece asks of a sampler; `dispose` frees it. */
export interface PieceProblem {
  readonly operator: ForwardOperator;
  readonly measurement: tf.Tensor4D;
  readonly denoiser: Denoiser;
  dispose(): void;
}

/** A part of a picture that is restored in one run of a sampler. */
export interface Piece {
  /** Tiles that its network passes go through. */
  readonly tiles: number;
  /** Sets the problem up, with what the pieces before it have restored. */
  problem(): PieceProblem;
  /** The picture with this result in it. */
  show(values: ArrayLike<number>): Pixels;
  /** Puts the result into the picture. */
  accept(values: ArrayLike<number>): void;
}

/** Counts the tiles of an image by asking a network that does nothing. */
function countTiles(
  shape: [number, number, number, number],
  { size, overlap, denoiser: { multipleOf = 1, imageShape } }: Prior,
  known?: TiledDenoiserOptions['known'],
): number {
  let count = 0;
  const counting: Denoiser = {
    denoise(x) {
      count += x.shape[0];
      return tf.clone(x);
    },
    multipleOf,
    ...(imageShape && { imageShape }),
  };
  const tiling = { size, overlap, batch: Infinity, ...(known && { known }) };
  tf.dispose(tf.tidy(() => tiledDenoiser(counting, tiling).denoise(tf.zeros(shape), 1)));
  return count;
}

/** One region of a damaged picture; its pixels are missing until it is accepted. */
function regionPiece(
  picture: Pixels,
  map: DamageMap,
  { window, core }: ReturnType<typeof regionsOf>[number],
  prior: Prior,
): Piece {
  const [, width] = picture.shape;
  const wanted = (at: number) => {
    const [row, column] = [Math.floor(at / width), at % width];
    const inRows = row >= core.top && row < core.top + core.height;
    return (
      inRows && column >= core.left && column < core.left + core.width && map.missing[at] === 1
    );
  };
  const known = (image: tf.Tensor4D, part = cropMap(map, window)) => ({
    image,
    covers: (tile: Tile) => !hasDamage(part, tile),
  });
  const shape: [number, number, number, number] = [
    1,
    window.height,
    window.width,
    coloursOf(picture),
  ];
  const nothing = tf.zeros<tf.Rank.R4>(shape);
  const tiles = countTiles(shape, prior, known(nothing));
  nothing.dispose();
  return {
    tiles,
    problem() {
      const part = cropMap(map, window);
      const mask = tf.tensor4d(
        Float32Array.from(part.missing, (missing) => 1 - missing),
        [1, window.height, window.width, 1],
      );
      const measurement = tf.tidy(() => tf.mul<tf.Tensor4D>(tensorOf(picture, window), mask));
      return {
        operator: inpainting({ mask }),
        measurement,
        denoiser: tiledDenoiser(prior.denoiser, { ...prior, known: known(measurement, part) }),
        dispose: () => tf.dispose([mask, measurement]),
      };
    },
    show(values) {
      const shown = { ...picture, values: picture.values.slice() };
      paste(shown, window, values, wanted);
      return shown;
    },
    accept(values) {
      paste(picture, window, values, wanted);
      clear(map, core);
    },
  };
}

/** The pieces of a picture of which pixels are missing; what is not missing stays as it is. */
export function damagePieces(picture: Pixels, map: DamageMap, prior: Prior): Piece[] {
  const { size } = prior;
  const context = Math.ceil(size / 4);
  return regionsOf(map, { tile: size, context, largest: Math.max(256, 4 * size) }).map((region) =>
    regionPiece(picture, map, region, prior),
  );
}

/** A whole picture as one piece; `done` is given what it has become. */
export function wholePiece(
  measurement: tf.Tensor4D,
  operator: ForwardOperator,
  prior: Prior,
  picture: (values: ArrayLike<number>) => Pixels,
  done: (picture: Pixels) => void,
): Piece {
  const shape = operator.imageShape?.(measurement.shape) ?? measurement.shape;
  return {
    tiles: countTiles(shape, prior),
    problem: () => ({
      operator,
      measurement,
      denoiser: tiledDenoiser(prior.denoiser, prior),
      dispose: () => {},
    }),
    show: picture,
    accept: (values) => done(picture(values)),
  };
}
