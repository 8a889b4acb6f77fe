import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { finiteItems } from '../internal/finite';

/** A batch of restorations to choose from: images that belong together, and how well they fit y. */
export type Candidate = {
  /** Each `[batch, height, width, channels]`. */
  readonly images: readonly Tensor4D[];
  /** The residual of each item, `[batch]`; infinite where an item is not finite. */
  readonly error: Tensor1D;
};

/** A candidate from images and their residual. Call it in a tidy. */
export function candidate(images: readonly Tensor4D[], residual: Tensor1D): Candidate {
  const sound = images.reduce((sum, image) => tf.add(sum, finiteItems(image)), residual);
  const error = tf.where(tf.isNaN(sound), Number.POSITIVE_INFINITY, residual) as Tensor1D;
  return { images, error };
}

/** Of two candidates, for each item the one with the smaller residual; the first of equal ones. */
export function nearerFit(first: Candidate, second: Candidate): Candidate {
  const isSecond = tf.less(second.error, first.error);
  const ofItems = tf.reshape(isSecond, [-1, 1, 1, 1]);
  const pick = (image: Tensor4D, i: number) =>
    tf.where(ofItems, second.images[i]!, image) as Tensor4D;
  return {
    images: first.images.map(pick),
    error: tf.where(isSecond, second.error, first.error) as Tensor1D,
  };
}
