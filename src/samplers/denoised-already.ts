import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from '../models/denoiser';

/** A denoised image that was computed one gradient step earlier. */
export interface Known {
  /** Where the answer is asked for. */
  readonly x: Tensor4D;
  /** Where it was computed. */
  readonly before: Tensor4D;
  /** `D(before; sigma)`. */
  readonly denoised: Tensor4D;
  readonly sigma: number;
}

/**
 * A denoiser that carries the residual of `before` over to `x`, `x + D(before) - before`, and so
 * answers without a network pass there; elsewhere it delegates.
 */
export function denoisedAlready(denoiser: Denoiser, known: Known): Denoiser {
  return {
    ...denoiser,
    denoise: (x, sigma) =>
      x === known.x && sigma === known.sigma
        ? tf.tidy(() => tf.add(x, tf.sub(known.denoised, known.before)))
        : denoiser.denoise(x, sigma),
  };
}
