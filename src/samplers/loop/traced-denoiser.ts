import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from '../../models/denoiser';
import { denoiserVjp } from '../../models/denoiser-vjp';
import type { Directions } from './gradient-angles';

/** What is told of a gradient through a denoiser; its tensors are lent until the call returns. */
export interface TracedGradient extends Directions {
  /** The noise level. */
  readonly sigma: number;
  /** Where it was taken, `[batch, height, width, channels]`. */
  readonly x: Tensor4D;
}

/**
 * A denoiser that tells of every gradient that is taken through it: of each warm-up step of `spgd`,
 * of each step of `dps` and its like. The samplers know nothing of it.
 *
 * The direction is minus the gradient, which is right for samplers that descend a distance; `pigdm`
 * ascends, so its direction has to be turned round. What `onGradient` makes is freed after it, except what it keeps (`tf.keep`).
 */
export const tracedDenoiser = (
  denoiser: Denoiser,
  onGradient: (info: TracedGradient) => void,
): Denoiser => ({
  ...denoiser,
  vjp(x, sigma, cotangent) {
    const found = denoiserVjp(denoiser)(x, sigma, cotangent);
    tf.tidy(() => {
      const { denoised, gradient } = found;
      const [likelihood, prior] = [tf.neg(gradient), tf.sub<Tensor4D>(denoised, x)];
      onGradient({ sigma, x, likelihood, prior });
    });
    return found;
  },
});
