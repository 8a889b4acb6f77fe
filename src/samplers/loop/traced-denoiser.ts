import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from '../../models/denoiser';
import { denoiserVjp } from '../../models/denoiser-vjp';
import type { Directions } from './gradient-angles';

/** A gradient through a denoiser; its tensors are valid until the callback returns. */
export interface TracedGradient extends Directions {
  /** The noise level. */
  readonly sigma: number;
  /** Where it was taken, `[batch, height, width, channels]`. */
  readonly x: Tensor4D;
}

/**
 * A denoiser that calls `onGradient` for every gradient through it: at each warm-up step of `spgd`, at
 * each step of `dps` and others. The samplers do not change.
 *
 * The direction is minus the gradient, which is right for samplers that descend a residual; `pigdm`
 * ascends, so flip the sign of its direction. Tensors that `onGradient` makes are freed after it,
 * except those that it keeps (`tf.keep`).
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
