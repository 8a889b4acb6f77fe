import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser, Linearized } from './denoiser';
import { linearized } from './linearized';

/**
 * Linearizes any denoiser at x: by its own `linearize`, or else by the tape of TensorFlow.js, which
 * recomputes the forward pass in `backward`.
 */
export const linearize = (denoiser: Denoiser, x: Tensor4D, sigma: number): Linearized =>
  denoiser.linearize ? denoiser.linearize(x, sigma) : recomputed(denoiser, x, sigma);

/** A linearization that keeps x alone: the forward pass is recomputed in `backward`. */
export const recomputed = (denoiser: Denoiser, x: Tensor4D, sigma: number): Linearized =>
  linearized((keep) => {
    const at = keep(tf.clone(x));
    return {
      denoised: denoiser.denoise(x, sigma),
      backward: (cotangent: Tensor4D): Tensor4D =>
        denoiser.linearize
          ? denoiser.linearize(at, sigma).backward(cotangent)
          : byTape(denoiser, at, sigma, cotangent),
    };
  });

const byTape = (denoiser: Denoiser, x: Tensor4D, sigma: number, cotangent: Tensor4D): Tensor4D =>
  tf.grad((at: Tensor) => denoiser.denoise(at as Tensor4D, sigma))(x, cotangent) as Tensor4D;
