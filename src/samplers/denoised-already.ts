import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from '../models/denoiser';

/** A denoised image that was computed one gradient step earlier. */
export interface Known {
  /** Where the base denoises. */
  readonly x: Tensor4D;
  /** Where it was computed. */
  readonly before: Tensor4D;
  /** `D(before; sigma)`. */
  readonly denoised: Tensor4D;
  /** The noise level of both. */
  readonly sigma: number;
}

/**
 * Whether two tensors hold the same data, as a tensor and its clone do; nothing is read back. On
 * WebAssembly and native TensorFlow `tf.clone` copies the data, so a clone is denoised anew there.
 */
const isSame = (a: Tensor4D, b: Tensor4D): boolean =>
  a.dataId === b.dataId && `${a.shape}` === `${b.shape}`;

/**
 * A denoiser that adds the residual of `before` to `x`, `x + D(before) - before`, and so answers
 * there without a network pass. Everywhere else it delegates.
 */
export function denoisedAlready(denoiser: Denoiser, known: Known): Denoiser {
  return {
    ...denoiser,
    denoise: (x, sigma) =>
      isSame(x, known.x) && sigma === known.sigma
        ? tf.tidy(() => tf.add(x, tf.sub(known.denoised, known.before)))
        : denoiser.denoise(x, sigma),
  };
}
