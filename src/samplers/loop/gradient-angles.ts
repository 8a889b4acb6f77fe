import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { cosine } from '../directional-momentum';

/** The two directions of a guided step, `[batch, height, width, channels]`. */
export interface Directions {
  /** Down the residual: minus the likelihood gradient. */
  readonly likelihood: Tensor4D;
  /** Up the density of the prior: `D(x; sigma) - x`, which is `sigma²` times its score. */
  readonly prior: Tensor4D;
}

/** Angles in degrees, `[batch]`, each over the whole image; 90 where a direction is 0. */
export interface GradientAngles {
  /** Between likelihood and prior. */
  readonly between: Tensor1D;
  /** Between the likelihood's direction and its own, one gradient before. */
  readonly likelihood?: Tensor1D;
  /** Between the prior's direction and its own, one gradient before. */
  readonly prior?: Tensor1D;
}

/**
 * The angles between likelihood and prior, and of each with its own direction one gradient before.
 * The caller disposes them.
 *
 * Reference: SPGD, arXiv 2507.06656, figure 1.
 */
export const gradientAngles = (now: Directions, before?: Directions): GradientAngles => ({
  between: angle(now.likelihood, now.prior),
  ...(before && {
    likelihood: angle(now.likelihood, before.likelihood),
    prior: angle(now.prior, before.prior),
  }),
});

const angle = (a: Tensor4D, b: Tensor4D): Tensor1D =>
  tf.tidy(() => {
    const value = tf.clipByValue(tf.reshape(cosine(a, b, 'image'), [-1]), -1, 1);
    return tf.mul(tf.acos(value), 180 / Math.PI) as Tensor1D;
  });
