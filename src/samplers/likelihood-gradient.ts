import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { denoiserVjp } from '../models/denoiser-vjp';
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
export function likelihoodGradient(
  problem: InverseProblem,
  x: Tensor4D,
  sigma: number,
): LikelihoodGradient {
  const kept: Tensor1D[] = [];
  try {
    return tf.tidy(() => {
      const { denoised, gradient } = denoiserVjp(problem.denoiser)(x, sigma, (estimate) => {
        const { error, gradient: inImage } = residualGradient(problem, estimate);
        kept.push(tf.keep(error));
        return inImage;
      });
      return { denoised, gradient, error: tf.clone(kept[0]!) };
    });
  } finally {
    tf.dispose(kept);
  }
}

/** The gradient of the norm `sqrt(residual)`, item by item; 0 where the residual is 0. */
export const ofRoot = ({
  error,
  gradient,
}: Pick<LikelihoodGradient, 'error' | 'gradient'>): Tensor4D =>
  tf.tidy(() => {
    const norm = tf.sqrt(tf.maximum(error, 1e-20));
    return tf.div(gradient, tf.mul(tf.reshape(norm, [-1, 1, 1, 1]), 2));
  });

/** The residual of an image, and its gradient in the image. */
export function residualGradient(
  { operator, measurement, noise }: Pick<InverseProblem, 'operator' | 'measurement' | 'noise'>,
  image: Tensor4D,
): { error: Tensor1D; gradient: Tensor4D } {
  const kept: Tensor1D[] = [];
  try {
    return tf.tidy(() => {
      const gradient = tf.grad((x: Tensor) => {
        const residual = noise.residual(operator.forward(x as Tensor4D), measurement);
        kept.push(tf.keep(tf.clone(residual)));
        return tf.sum(residual);
      })(image) as Tensor4D;
      return { error: tf.clone(kept[0]!), gradient };
    });
  } finally {
    tf.dispose(kept);
  }
}
