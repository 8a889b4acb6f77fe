import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser, Linearized } from './denoiser';
import { linearized } from './linearized';
import type { Network } from './network';

/** `D(x; sigma) = skip x + out F(in x, noise)`, at one sigma. */
export interface Coefficients {
  readonly skip: number;
  readonly out: number;
  readonly in: number;
  /** The time that the network takes. */
  readonly noise: number;
}

/** The affine part of `D`; channels past those of x (a learned variance) are dropped. */
function combine(x: Tensor4D, output: Tensor4D, { skip, out }: Coefficients): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const wide = output.shape[3] > channels;
  const F = wide ? tf.slice(output, [0, 0, 0, 0], [batch, height, width, channels]) : output;
  return tf.add(tf.mul(x, skip), tf.mul(F, out));
}

const clipped = (x: Tensor4D): Tensor4D => tf.clipByValue(x, -1, 1);

/** 1 where a value is inside [-1, 1] and 0 where it is cut: the gradient of the clip. */
const isInside = (value: Tensor4D): Tensor4D =>
  tf.cast(tf.lessEqual(tf.abs(value), 1) as Tensor4D, 'float32');

/** Pads a cotangent with zeros for the dropped channels. */
const widen = (dy: Tensor4D, channels: number): Tensor4D =>
  tf.pad(dy, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, channels - dy.shape[3]],
  ]);

/**
 * Makes a denoiser from a network by the scaling of Karras et al., "Elucidating the Design Space of
 * Diffusion-Based Generative Models", table 1.
 */
export function precondition(
  network: Network,
  coefficients: (sigma: number) => Coefficients,
  { clip = false }: { clip?: boolean } = {},
): Denoiser {
  const time = (x: Tensor4D, noise: number): Tensor1D => tf.fill([x.shape[0]], noise);
  const finish = (value: Tensor4D) => (clip ? clipped(value) : value);

  const linearize = (x: Tensor4D, sigma: number): Linearized =>
    linearized((keep) => {
      const c = coefficients(sigma);
      const inner = keep(network.linearize!(tf.mul(x, c.in), time(x, c.noise)));
      const value = combine(x, inner.output, c);
      const passes = clip ? keep(isInside(value)) : undefined;
      const channels = inner.output.shape[3];
      const backward = (cotangent: Tensor4D): Tensor4D => {
        const dy = passes ? tf.mul<Tensor4D>(cotangent, passes) : cotangent;
        const gradient = inner.backward(widen(tf.mul(dy, c.out), channels));
        return tf.add(tf.mul(dy, c.skip), tf.mul(gradient, c.in));
      };
      return { denoised: finish(value), backward };
    });

  return {
    denoise(x, sigma) {
      const c = coefficients(sigma);
      return tf.tidy(() => finish(combine(x, network(tf.mul(x, c.in), time(x, c.noise)), c)));
    },
    ...(network.linearize ? { linearize } : {}),
    ...(network.imageShape ? { imageShape: network.imageShape } : {}),
    ...(network.multipleOf ? { multipleOf: network.multipleOf } : {}),
    ...(network.dispose ? { dispose: network.dispose } : {}),
  };
}
