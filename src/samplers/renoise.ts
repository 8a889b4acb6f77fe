import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { RunContext } from './sampler';

/** `image + sigma n`; it draws nothing for sigma 0. */
export const renoise = (
  image: Tensor4D,
  sigma: number,
  run: Pick<RunContext, 'normal'>,
): Tensor4D =>
  sigma === 0
    ? tf.clone(image)
    : tf.tidy(() => tf.add(image, tf.mul(run.normal(image.shape), sigma)));

/** Noise of standard deviation 1, or the caller's start at that level. */
export const unitNoise = (run: Pick<RunContext, 'initial' | 'schedule'>): Tensor4D =>
  tf.tidy(() => tf.div(run.initial(), run.schedule[0]!));
