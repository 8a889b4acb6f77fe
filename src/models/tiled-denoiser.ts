import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkRange } from '../internal/check';
import type { Tile } from '../internal/tiles';
import type { Denoiser } from './denoiser';
import { groupedDenoiser } from './grouped-denoiser';
import { linearize } from './linearize';
import { linearized } from './linearized';
import { type TileAxis, tileAxis } from './tile-axis';
import { placesOf, type TileLayout, tileLayout } from './tile-layout';
import { tilingMaps } from './tiling-maps';

/** A part of the image that is known, where the network need not run. */
export interface KnownTiles {
  /** `D(x; sigma)` there: `[1 or batch, height, width, channels]`; the caller disposes it. */
  readonly image: Tensor4D;
  /** Whether everything in this tile is known. */
  covers(tile: Tile): boolean;
}

/** Options of `tiledDenoiser`. */
export interface TiledDenoiserOptions {
  /**
   * Largest side of a tile in pixels, best the size that the network was trained at; tiles are smaller
   * where as many of them then cover the image, unless the denoiser takes one size only.
   */
  size: number;
  /**
   * Pixels that neighbouring tiles share at least, from 0 to half of `size`.
   * @default a quarter of size
   */
  overlap?: number;
  /**
   * Tiles (times items of the batch) that go through the network at once, an integer >= 1. More
   * need more memory. For a gradient, groups are kept up to half of the memory that is left; those
   * past it are recomputed in the backward pass.
   * @default 4
   */
  batch?: number;
  /** Tiles that are left out, and what stands in their place. */
  known?: KnownTiles;
}

const owner = 'tiledDenoiser';

/** The sides of a tile: those of the denoiser, which must equal `size`, or at most `size`. */
function tileSides({ imageShape, multipleOf = 1 }: Denoiser, size: number) {
  checkInteger(owner, 'size', size, 1);
  return [0, 1].map((axis) => {
    const fixed = imageShape?.[axis] ?? null;
    if (fixed !== null)
      checkRange(size === fixed, owner, 'size', `${fixed}, as the denoiser takes it`, size);
    checkRange(size % multipleOf === 0, owner, 'size', `a multiple of ${multipleOf}`, size);
    return { size, multipleOf: fixed === null ? multipleOf : null };
  }) as [{ size: number; multipleOf: number | null }, { size: number; multipleOf: number | null }];
}

/** How tiles lie over the rows and the columns of an image. */
function axesOf(
  denoiser: Denoiser,
  [height, width]: readonly [number, number],
  { size, overlap = Math.floor(size / 4) }: Pick<TiledDenoiserOptions, 'size' | 'overlap'>,
): [TileAxis, TileAxis] {
  const [down, across] = tileSides(denoiser, size);
  checkInteger(owner, 'overlap', overlap, 0);
  checkRange(overlap <= size / 2, owner, 'overlap', 'at most half of size', overlap);
  return [tileAxis(height, { ...down, overlap }), tileAxis(width, { ...across, overlap })];
}

/**
 * The tiles that `tiledDenoiser` lays over an image of this height and width, in reading order,
 * without those that `covers` leaves out: what a pass over the image costs.
 *
 * @throws RangeError for an option out of range.
 */
export const tilesOf = (
  denoiser: Denoiser,
  size: readonly [height: number, width: number],
  options: Pick<TiledDenoiserOptions, 'size' | 'overlap'>,
  covers?: (tile: Tile) => boolean,
): readonly Tile[] => placesOf(...axesOf(denoiser, size, options), covers);

/**
 * A denoiser of images of any size from one that is best, or only, at one size: overlapping tiles,
 * each denoised alone, blended by windows that add up to 1.
 *
 * `D(x) = sum_k P_k' (w_k * D(P_k x))`, `P_k` cutting out tile k. A sampler sees D alone, so
 * the tiles are blended at every step, and the operator still sees the whole image. Takes
 * `[batch, height, width, channels]`; a side that is shorter than a tile, or that the network cannot
 * take, is extended by reflection. `linearize` gives the exact gradient of the blended map.
 *
 * `dispose` disposes the inner denoiser.
 *
 * Throws `RangeError` for an option out of range.
 *
 * Reference: Bar-Tal et al., "MultiDiffusion", ICML 2023 (blending of denoised tiles at every step).
 */
export function tiledDenoiser(denoiser: Denoiser, options: TiledDenoiserOptions): Denoiser {
  const { batch = 4, known } = options;
  axesOf(denoiser, [1, 1], options); // checks the options at once
  if (batch !== Infinity) checkInteger(owner, 'batch', batch, 1);
  const inner = batch === Infinity ? denoiser : groupedDenoiser(denoiser, batch);

  const layouts = new Map<string, TileLayout>();
  const layoutFor = ({ shape: [, height, width] }: Tensor4D): TileLayout => {
    const key = `${height} ${width}`;
    const layout =
      layouts.get(key) ?? tileLayout(...axesOf(denoiser, [height, width], options), known?.covers);
    layouts.set(key, layout);
    return layout;
  };
  const maps = (x: Tensor4D) => tilingMaps(x, layoutFor(x), known?.image);

  return {
    denoise: (x, sigma) =>
      tf.tidy(() => {
        const { isEmpty, cut, blend } = maps(x);
        return isEmpty ? blend() : blend(inner.denoise(cut(x), sigma));
      }),
    linearize: (x, sigma) =>
      linearized((keep) => {
        const { isEmpty, cut, cutTransposed, blend, blendTransposed } = maps(x);
        const { shape } = x;
        if (isEmpty) return { denoised: blend(), backward: () => tf.zeros<tf.Rank.R4>(shape) };
        const tiles = keep(linearize(inner, cut(x), sigma));
        const backward = (cotangent: Tensor4D): Tensor4D =>
          cutTransposed(tiles.backward(blendTransposed(cotangent)));
        return { denoised: blend(tiles.denoised), backward };
      }),
    imageShape: [null, null, denoiser.imageShape?.[2] ?? null],
    ...(known && { placed: true }),
    ...(denoiser.sigmaRange && { sigmaRange: denoiser.sigmaRange }),
    ...(denoiser.dispose && { dispose: () => denoiser.dispose!() }),
  };
}
