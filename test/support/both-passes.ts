import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser, Network } from 'spgd';

/** A cotangent, or how to make one of the value. */
type Cotangent = Tensor4D | ((value: Tensor4D) => Tensor4D);

const of = (cotangent: Cotangent, value: Tensor4D): Tensor4D =>
  cotangent instanceof tf.Tensor ? cotangent : cotangent(value);

/** The denoised image and the gradient of a denoiser, by its own `linearize`. */
export const bothPasses = (
  denoiser: Denoiser,
  x: Tensor4D,
  sigma: number,
  cotangent: Cotangent,
): { denoised: Tensor4D; gradient: Tensor4D } =>
  tf.tidy(() => {
    const at = denoiser.linearize!(x, sigma);
    return { denoised: at.denoised, gradient: at.backward(of(cotangent, at.denoised)) };
  });

/** The output and the gradient of a network, by its own `linearize`. */
export const networkPasses = (
  network: Network,
  x: Tensor4D,
  t: tf.Tensor1D,
  cotangent: Cotangent,
): { output: Tensor4D; gradient: Tensor4D } =>
  tf.tidy(() => {
    const at = network.linearize!(x, t);
    return { output: at.output, gradient: at.backward(of(cotangent, at.output)) };
  });
