import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange, checkType } from '../internal/check';
import { checkImage } from '../operators/check-image';
import { checkSamples } from './frechet-distance';

/** Batches of images, one after another: a list, or an async generator that reads them from disk. */
export type ImageBatches = Iterable<Tensor4D> | AsyncIterable<Tensor4D>;

interface Features {
  readonly width: number;
  readonly values: Float32Array;
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function featuresOf(
  option: string,
  batches: ImageBatches,
  network: (images: Tensor4D) => Tensor2D,
): Promise<Features> {
  const parts: Float32Array[] = [];
  let width = 0;
  for await (const images of batches) {
    checkImage('fid', option, images);
    const features = tf.tidy(() => network(images));
    const shape = features?.shape ?? [];
    const rule = `[${images.shape[0]}, features] of ${option}`;
    const fits = shape.length === 2 && shape[0] === images.shape[0];
    checkType(fits, 'fid', 'features', rule, shape);
    const same = width === 0 || width === shape[1];
    checkRange(same, 'fid', 'features', `${width} for every batch`, shape[1]);
    width = shape[1]!;
    parts.push(await features.data<'float32'>());
    features.dispose();
  }
  const values = concatenate(parts);
  checkSamples('fid', option, [values.length / Math.max(width, 1)]);
  return { width, values };
}

/**
 * Fréchet inception distance between two sets of images: the `frechetDistance` of their features.
 *
 * `features` maps `[batch, height, width, channels]`, values in [-1, 1], to `[batch, features]`. To
 * compare with published figures, it must be their Inception network with their resizing, as a graph
 * model of the caller. Batches may have any size; the caller disposes them. Throws `RangeError` for fewer
 * than two images.
 *
 * Reference: Heusel et al., GANs trained by a two time-scale update rule, 2017.
 */
export async function fid(
  real: ImageBatches,
  restored: ImageBatches,
  features: (images: Tensor4D) => Tensor2D,
): Promise<number> {
  const a = await featuresOf('real', real, features);
  const b = await featuresOf('restored', restored, features);
  checkRange(a.width === b.width, 'fid', 'features', `${a.width} for every batch`, b.width);
  const { frechetOf } = await import('./frechet-of');
  return frechetOf(a.values, b.values, a.width);
}
