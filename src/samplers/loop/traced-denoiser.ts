import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from '../../models/denoiser';
import { linearize } from '../../models/linearize';
import { linearized } from '../../models/linearized';
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
  linearize: (x, sigma) =>
    linearized((keep) => {
      const inner = keep(linearize(denoiser, x, sigma));
      const { denoised } = inner;
      const [at, prior] = [keep(tf.clone(x)), keep(tf.sub<Tensor4D>(denoised, x))];
      const backward = (cotangent: Tensor4D): Tensor4D => {
        const gradient = inner.backward(cotangent);
        tf.tidy(() => onGradient({ sigma, x: at, likelihood: tf.neg(gradient), prior }));
        return gradient;
      };
      return { denoised, backward };
    }),
});
