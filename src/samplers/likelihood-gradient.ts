import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { linearize } from '../models/linearize';
import type { InverseProblem } from './sampler';

/** What one forward and backward pass give. */
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
 * The caller disposes the results.
 */
export const likelihoodGradient = (
  problem: InverseProblem,
  x: Tensor4D,
  sigma: number,
): LikelihoodGradient =>
  tf.tidy(() => {
    const at = linearize(problem.denoiser, x, sigma);
    try {
      const { error, gradient } = distanceGradient(problem, at.denoised);
      return { denoised: at.denoised, gradient: at.backward(gradient), error };
    } finally {
      at.dispose();
    }
  });

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

/** The gradient in an image of its distance to the measurement, summed over the items. */
export const distanceGradient = (
  { operator, measurement, noise }: Pick<InverseProblem, 'operator' | 'measurement' | 'noise'>,
  image: Tensor4D,
): { error: Tensor1D; gradient: Tensor4D } =>
  tf.tidy(() => {
    const distance = (x: Tensor) => noise.distance(operator.forward(x as Tensor4D), measurement);
    // The gradient of a vector is that of its sum.
    const { value, grad } = tf.valueAndGrad(distance)(image);
    return { error: value as Tensor1D, gradient: grad as Tensor4D };
  });
