import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  type ForwardOperator,
  gaussianNoise,
  inpainting,
  measure,
  type Tile,
  tiledDenoiser,
} from 'spgd';
import { cropMissing, damagedWindow, hasMissing, type MissingPixels } from './damaged-window';
import type { Job, Picture } from './messages';
import { pasted, pictureOf, tensorOf } from './picture-tensor';
import { tasks } from './tasks';

/** A job as a sampler takes it, and how its result becomes a picture. */
export interface Restoration {
  readonly operator: ForwardOperator;
  readonly measurement: tf.Tensor4D;
  readonly denoiser: Denoiser;
  /** The photo that was damaged for it; null where it was damaged already. */
  readonly clean: tf.Tensor4D | null;
  /** What is restored, as a picture. */
  before(): Promise<Picture>;
  /** The result, or an estimate on the way, as a picture. */
  picture(image: tf.Tensor4D): Promise<Picture>;
  dispose(): void;
}

/** How an image is cut for the network. */
export interface Tiling {
  /** Largest side of a tile in pixels. */
  readonly size: number;
  /** Pixels that neighbours share. */
  readonly overlap: number;
  /** Tiles at once. */
  readonly batch: number;
}

/** The part round what is missing; tiles in which nothing is missing are not computed. */
function repair(job: Job, map: MissingPixels, prior: Denoiser, tiling: Tiling): Restoration {
  const box = damagedWindow(map, tiling.size);
  const part = cropMissing(map, box);
  const shape: [number, number, number, number] = [1, box.height, box.width, 1];
  const mask = tf.tidy(() => tf.sub<tf.Tensor4D>(1, tf.tensor4d(part.missing, shape, 'float32')));
  const photo = tf.tidy(() =>
    tf.slice(tensorOf(job.photo), [0, box.top, box.left, 0], [1, box.height, box.width, 3]),
  );
  const operator = inpainting({ mask });
  const noise = gaussianNoise(job.isDamaged ? 0 : job.noiseStd);
  const measurement = tf.tidy(() =>
    tf.mul<tf.Tensor4D>(measure(operator, photo, noise, { seed: job.seed }), mask),
  );
  const known = { image: measurement, covers: (tile: Tile) => !hasMissing(part, tile) };
  const picture = async (image: tf.Tensor4D) =>
    pasted(job.photo, await pictureOf(image), box, map.missing);
  return {
    operator,
    measurement,
    denoiser: tiledDenoiser(prior, { ...tiling, known }),
    clean: job.isDamaged ? null : photo,
    before: () => (job.isDamaged ? Promise.resolve(job.photo) : picture(measurement)),
    picture,
    dispose: () => tf.dispose([mask, photo, measurement]),
  };
}

/** A whole photo, seen in tiles that overlap. */
function whole(job: Job, prior: Denoiser, tiling: Tiling): Restoration {
  const { scale, blurStd } = job;
  const operator = tasks[job.task].task.operator(job.photo, { scale, blurStd });
  const photo = tensorOf(job.photo);
  const noise = gaussianNoise(job.noiseStd);
  const clean = job.isDamaged ? null : photo;
  const measurement = clean ? measure(operator, clean, noise, { seed: job.seed }) : photo;
  return {
    operator,
    measurement,
    denoiser: tiledDenoiser(prior, tiling),
    clean,
    before: () => pictureOf(measurement),
    picture: pictureOf,
    dispose: () => tf.dispose([measurement, clean ?? []]),
  };
}

/** Sets a job up; the caller disposes it. */
export function restorationOf(job: Job, prior: Denoiser, tiling: Tiling): Restoration {
  const { photo, missing } = job;
  if (job.task !== 'repair') return whole(job, prior, tiling);
  if (!missing?.includes(1)) throw new RangeError('Paint over what is to be repaired first.');
  const { height, width } = photo;
  return repair(job, { missing, height, width }, prior, tiling);
}
