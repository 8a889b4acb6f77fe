import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  type ForwardOperator,
  type GaussianNoise,
  inpainting,
  type Sampler,
  type Shape4D,
  type Tile,
  tiledDenoiser,
  tilesOf,
} from 'spgd';
import type { Pixels } from 'spgd/node';
import {
  clearDamage,
  cropDamage,
  type DamageMap,
  hasDamage,
  regionsOf,
  regionWindows,
} from 'spgd/tasks';
import { blend, copyOf, tensorOf } from './photo-pixels';
import type { Prior } from './prior';

/** What a piece asks of a sampler; `dispose` frees it. */
export interface PieceProblem {
  readonly operator: ForwardOperator;
  readonly measurement: tf.Tensor4D;
  readonly denoiser: Denoiser;
  /** Its noise, where it is not Gaussian of the std of the job. */
  readonly noise?: GaussianNoise;
  /** What the noise levels of the settings are multiplied by. */
  readonly level?: number;
  dispose(): void;
}

/** A part of a picture that is restored in one run of a sampler. */
export interface Piece {
  /** Tiles that its network passes go through. */
  readonly tiles: readonly Tile[];
  /** Milliseconds of each solution; left out where it is a closed form, which takes next to none. */
  solveTime?(sampler: Sampler): Promise<number>;
  /** Sets the problem up, with what the pieces before it have restored. */
  problem(): PieceProblem;
  /** What it restores, as a rectangle of the picture. */
  readonly box: Tile;
  /** Puts values in [-1, 1] into another picture of the same size. */
  paste(into: Pixels, values: ArrayLike<number>): void;
  /** The picture with this result in it. */
  show(values: ArrayLike<number>): Pixels;
  /** Puts the result into the picture. */
  accept(values: ArrayLike<number>): void;
}

/** The tiles that a pass over an image goes through. */
export const tilesFor = (
  [, height, width]: Shape4D,
  { size, overlap, denoiser }: Prior,
  covers?: (tile: Tile) => boolean,
): readonly Tile[] => tilesOf(denoiser, [height, width], { size, overlap }, covers);

/** Pixels that a pass goes through, those that tiles share counted for each. */
export const pixelsOf = ({ tiles }: Piece): number =>
  tiles.reduce((sum, { height, width }) => sum + height * width, 0);

/** Whether the network takes tiles of one size only. */
const takesOneSize = ({ denoiser }: Prior): boolean => denoiser.imageShape?.[0] != null;

/**
 * The prior with tiles for a region: small ones along a scratch, so that all threads have some, and large
 * ones in a hole.
 */
function priorOf({ missing, height, width }: DamageMap, prior: Prior): Prior {
  if (takesOneSize(prior)) return prior;
  const damaged = missing.reduce((sum, value) => sum + value, 0);
  const thickness = damaged / Math.max(height, width);
  const { multipleOf = 1 } = prior.denoiser;
  const wanted = multipleOf * Math.ceil(Math.max(128, 4 * thickness) / multipleOf);
  const size = Math.min(prior.size, wanted);
  return { ...prior, size, overlap: Math.min(prior.overlap, Math.floor(size / 8)) };
}

/** One region of a damaged picture; its pixels are missing until it is accepted. */
function regionPiece(
  picture: Pixels,
  map: DamageMap,
  { window, core }: ReturnType<typeof regionsOf>[number],
  general: Prior,
): Piece {
  const [, width] = picture.shape;
  const isMissing = (row: number, column: number) => {
    const isInside = row >= core.top && row < core.top + core.height;
    if (!isInside || column < core.left || column >= core.left + core.width) return 0;
    return map.missing[row * width + column]!;
  };
  const paste = (into: Pixels, values: ArrayLike<number>) =>
    blend(into, window, values, isMissing, { opaque: true });
  const isKnown = (part: DamageMap) => (tile: Tile) => !hasDamage(part, tile);
  const part = cropDamage(map, window);
  const prior = priorOf(cropDamage(map, core), general);
  const shape: Shape4D = [1, window.height, window.width, prior.channels];
  return {
    tiles: tilesFor(shape, prior, isKnown(part)),
    problem() {
      const part = cropDamage(map, window);
      const mask = tf.tensor4d(
        Float32Array.from(part.missing, (missing) => 1 - missing),
        [1, window.height, window.width, 1],
      );
      const measurement = tf.tidy(() =>
        tf.mul<tf.Tensor4D>(tensorOf(picture, window, prior.channels), mask),
      );
      return {
        operator: inpainting({ mask }),
        measurement,
        denoiser: tiledDenoiser(prior.denoiser, {
          ...prior,
          known: { image: measurement, covers: isKnown(part) },
        }),
        dispose: () => tf.dispose([mask, measurement]),
      };
    },
    box: core,
    paste,
    show(values) {
      const shown = copyOf(picture);
      paste(shown, values);
      return shown;
    },
    accept(values) {
      paste(picture, values);
      clearDamage(map, core);
    },
  };
}

/** The pieces of a picture of which pixels are missing; what is not missing stays as it is. */
export function damagePieces(picture: Pixels, map: DamageMap, prior: Prior): Piece[] {
  const { size } = prior;
  const whole = { tile: size, context: Math.ceil(size / 4) };
  const windows = takesOneSize(prior) ? whole : regionWindows(size);
  const options = { ...windows, largest: Math.max(256, 4 * size) };
  return regionsOf(map, options).map((region) => regionPiece(picture, map, region, prior));
}
