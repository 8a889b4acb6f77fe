import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  type ForwardOperator,
  type GaussianNoise,
  gaussianNoise,
  grayscaleDenoiser,
  inpainting,
  type Sampler,
  type Tile,
  tiledDenoiser,
} from 'spgd';
import { hasDamage, openBorder } from 'spgd/tasks';
import type { PhotoSettings } from './photo-job';
import { photoTasks } from './photo-tasks';
import type { Picture } from './picture';
import { isGray, tensorOf } from './picture-tensor';

/** How an image is cut for the network. */
export interface Tiling {
  /** Largest side of a tile in pixels. */
  readonly size: number;
  /** Pixels that neighbours share. */
  readonly overlap: number;
  /** Tiles at once. */
  readonly batch: number;
}

/** A window as an inverse problem; the caller disposes it. */
export interface BlockProblem {
  readonly operator: ForwardOperator;
  readonly measurement: tf.Tensor4D;
  readonly denoiser: Denoiser;
  readonly noise: GaussianNoise;
  dispose(): void;
}

/** A window with missing pixels; tiles in which nothing is missing are not computed. */
function repair(photo: Picture, missing: Uint8Array, prior: Denoiser, tiling: Tiling) {
  const { height, width } = photo;
  const mask = tf.tidy(() =>
    tf.sub<tf.Tensor4D>(1, tf.tensor4d(missing, [1, height, width, 1], 'float32')),
  );
  const measurement = tf.tidy(() => tf.mul<tf.Tensor4D>(tensorOf(photo), mask));
  const map = { missing, height, width };
  const known = { image: measurement, covers: (tile: Tile) => !hasDamage(map, tile) };
  return {
    operator: inpainting({ mask }),
    measurement,
    denoiser: tiledDenoiser(prior, { ...tiling, known }),
    dispose: () => tf.dispose([mask, measurement]),
  };
}

/** Makes a problem of a window of a photo for a sampler; a grey one gets a prior of one channel. */
export function blockProblem(
  {
    photo,
    missing,
    isCut = false,
    ...settings
  }: PhotoSettings & { photo: Picture; missing?: Uint8Array; isCut?: boolean },
  colourPrior: Denoiser,
  tiling: Tiling,
  sampler: Sampler,
): BlockProblem {
  const prior = isGray(photo) ? grayscaleDenoiser(colourPrior) : colourPrior;
  const { task, scale = 2, blurStd = 1.5, noiseStd = 0.01 } = settings;
  const noise = gaussianNoise(noiseStd);
  if (missing) return { ...repair(photo, missing, prior, tiling), noise };
  const operator = photoTasks[task].operator(photo, { scale, blurStd });
  const measurement = tensorOf(photo);
  const open = isCut ? openBorder({ operator, measurement }, noiseStd, sampler) : undefined;
  return {
    operator,
    measurement,
    ...open,
    denoiser: tiledDenoiser(prior, tiling),
    noise,
    dispose() {
      measurement.dispose();
      open?.dispose();
    },
  };
}
