import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { linearize } from '../models/linearize';
import type { InverseProblem } from './sampler';

/** The likelihood gradient, and what the same pass through the network gives besides. */
export interface LikelihoodGradient {
  /** `D(x; sigma)`. */
  readonly denoised: Tensor4D;
  /** The gradient in x of the residual of `D(x; sigma)`, summed over the items. */
  readonly gradient: Tensor4D;
  /** The residual of `denoised`, one number an item. */
  readonly error: Tensor1D;
}

/**
 * `grad_x residual(A(D(x; sigma)), y)`: one forward and one backward pass through the network.
 * The caller disposes the three tensors.
 */
export const likelihoodGradient = (
  problem: InverseProblem,
  x: Tensor4D,
  sigma: number,
): LikelihoodGradient =>
  tf.tidy(() => {
    const at = linearize(problem.denoiser, x, sigma);
    try {
      const { error, gradient } = residualGradient(problem, at.denoised);
      return { denoised: at.denoised, gradient: at.backward(gradient), error };
    } finally {
      at.dispose();
    }
  });

/** The gradient of the norm `sqrt(residual)`, item by item; 0 where the residual is 0. */
export const ofRoot = ({
  error,
  gradient,
}: Pick<LikelihoodGradient, 'error' | 'gradient'>): Tensor4D =>
  tf.tidy(() => {
    const norm = tf.sqrt(tf.maximum(error, 1e-20));
    return tf.div(gradient, tf.mul(tf.reshape(norm, [-1, 1, 1, 1]), 2));
  });

/** The gradient in an image of its residual, summed over the items. */
export const residualGradient = (
  { operator, measurement, noise }: Pick<InverseProblem, 'operator' | 'measurement' | 'noise'>,
  image: Tensor4D,
): { error: Tensor1D; gradient: Tensor4D } =>
  tf.tidy(() => {
    const residual = (x: Tensor) => noise.residual(operator.forward(x as Tensor4D), measurement);
    // The gradient of a vector is that of its sum.
    const { value, grad } = tf.valueAndGrad(residual)(image);
    return { error: value as Tensor1D, gradient: grad as Tensor4D };
  });
