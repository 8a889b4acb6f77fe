import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkRange } from '../internal/check';
import type { Tile } from '../internal/tiles';
import type { Denoiser } from './denoiser';
import { denoiserVjp } from './denoiser-vjp';
import { groupedDenoiser } from './grouped-denoiser';
import { type TileAxis, tileAxis } from './tile-axis';
import { placesOf, type TileLayout, tileLayout } from './tile-layout';
import { tilingMaps } from './tiling-maps';

/** What is known of a part of the image, so that the network need not be asked. */
export interface KnownTiles {
  /** What `D(x; sigma)` is there: `[1 or batch, height, width, channels]`; it stays the caller's. */
  readonly image: Tensor4D;
  /** Whether everything in this tile is known. */
  covers(tile: Tile): boolean;
}

/** Options of `tiledDenoiser`. */
export interface TiledDenoiserOptions {
  /** Side of a tile in pixels, best the size that the network was trained at. */
  size: number;
  /**
   * Pixels that neighbouring tiles share at least, from 0 to half of `size`.
   * @default a quarter of size
   */
  overlap?: number;
  /**
   * Tiles (times items of the batch) that go through the network at once, an integer >= 1. More
   * need more memory. In a gradient all groups wait for the last one with what they keep, up to half
   * of the memory that is left; those past it run forward a second time.
   * @default 4
   */
  batch?: number;
  /** Tiles that are left out, and what stands in their place. */
  known?: KnownTiles;
}

const owner = 'tiledDenoiser';

/** A denoiser's own size, or tiles of the size that was asked for. */
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
 * `D(x) = sum_k P_k' (w_k * D(P_k x))`, `P_k` cutting out tile k. Since a sampler steers by D alone,
 * the tiles are blended at every step, and the operator still sees the whole image. Takes
 * `[batch, height, width, channels]`; a side that is shorter than a tile, or that the network cannot
 * take, is continued by reflection. `vjp` is the exact gradient of the blended map.
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
  const innerVjp = denoiserVjp(inner);

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
    vjp: (x, sigma, cotangent) =>
      tf.tidy(() => {
        const { isEmpty, cut, cutTransposed, blend, blendTransposed } = maps(x);
        if (isEmpty) {
          const denoised = blend();
          tf.dispose(cotangent(denoised));
          return { denoised, gradient: tf.zerosLike(x) };
        }
        const through = (parts: Tensor4D) => blendTransposed(cotangent(blend(parts)));
        const { denoised, gradient } = innerVjp(cut(x), sigma, through);
        return { denoised: blend(denoised), gradient: cutTransposed(gradient) };
      }),
    imageShape: [null, null, denoiser.imageShape?.[2] ?? null],
    ...(denoiser.dispose && { dispose: () => denoiser.dispose!() }),
  };
}
