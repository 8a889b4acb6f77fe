import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { denoiserVjp } from '../models/denoiser-vjp';
import type { InverseProblem } from './sampler';

/** What one pass through the network tells of the likelihood. */
export interface LikelihoodGradient {
  /** `D(x; sigma)`. */
  readonly denoised: Tensor4D;
  /** The gradient in x of the distance between `A(D(x; sigma))` and y, summed over the items. */
  readonly gradient: Tensor4D;
  /** That distance, one number an item. */
  readonly error: Tensor1D;
}

/**
 * `grad_x distance(A(D(x; sigma)), y)`: one forward and one backward pass through the network.
 * The caller disposes what it gets.
 */
export function likelihoodGradient(
  problem: InverseProblem,
  x: Tensor4D,
  sigma: number,
): LikelihoodGradient {
  const kept: Tensor1D[] = [];
  try {
    return tf.tidy(() => {
      const { denoised, gradient } = denoiserVjp(problem.denoiser)(x, sigma, (estimate) => {
        const { error, gradient: inImage } = distanceGradient(problem, estimate);
        kept.push(tf.keep(error));
        return inImage;
      });
      return { denoised, gradient, error: tf.clone(kept[0]!) };
    });
  } finally {
    tf.dispose(kept);
  }
}

/**
 * The gradient of the square root of the distance, item by item: that of the norm, not squared, for
 * Gaussian noise. It is 0 where the distance is 0.
 */
export const ofRoot = ({
  error,
  gradient,
}: Pick<LikelihoodGradient, 'error' | 'gradient'>): Tensor4D =>
  tf.tidy(() => {
    const norm = tf.sqrt(tf.maximum(error, 1e-20));
    return tf.div(gradient, tf.mul(tf.reshape(norm, [-1, 1, 1, 1]), 2));
  });

/** The gradient in an image of its distance to the measurement. */
export function distanceGradient(
  { operator, measurement, noise }: Pick<InverseProblem, 'operator' | 'measurement' | 'noise'>,
  image: Tensor4D,
): { error: Tensor1D; gradient: Tensor4D } {
  const kept: Tensor1D[] = [];
  try {
    return tf.tidy(() => {
      const gradient = tf.grad((x: Tensor) => {
        const distance = noise.distance(operator.forward(x as Tensor4D), measurement);
        kept.push(tf.keep(tf.clone(distance)));
        return tf.sum(distance);
      })(image) as Tensor4D;
      return { error: tf.clone(kept[0]!), gradient };
    });
  } finally {
    tf.dispose(kept);
  }
}
