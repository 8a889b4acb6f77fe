import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from './denoiser';

/** The vector-Jacobian product of a denoiser: its own, or that of the tape. */
export function denoiserVjp(denoiser: Denoiser): NonNullable<Denoiser['vjp']> {
  if (denoiser.vjp) return denoiser.vjp;
  return (x, sigma, cotangent) => {
    const denoised = denoiser.denoise(x, sigma);
    const backward = tf.grad((input: Tensor) => denoiser.denoise(input as Tensor4D, sigma));
    return { denoised, gradient: backward(x, cotangent(denoised)) as Tensor4D };
  };
}
