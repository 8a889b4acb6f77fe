import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from './denoiser';
import type { Network } from './network';

/** `D(x; sigma) = skip x + out F(in x, noise)`, at one sigma. */
export interface Coefficients {
  readonly skip: number;
  readonly out: number;
  readonly in: number;
  /** The time that the network is given. */
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

/** The gradient before the clip: nothing passes where the value was cut. */
const unclip = (value: Tensor4D, dy: Tensor4D): Tensor4D =>
  tf.mul(dy, tf.cast(tf.lessEqual(tf.abs(value), 1), 'float32'));

/** Pads a cotangent with zeros for the dropped channels. */
const widen = (dy: Tensor4D, channels: number): Tensor4D =>
  tf.pad(dy, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, channels - dy.shape[3]],
  ]);

/**
 * Makes a denoiser of a network by the scaling of Karras et al., "Elucidating the Design Space of
 * Diffusion-Based Generative Models", table 1.
 */
export function precondition(
  network: Network,
  coefficients: (sigma: number) => Coefficients,
  { clip = false }: { clip?: boolean } = {},
): Denoiser {
  const time = (x: Tensor4D, noise: number): Tensor1D => tf.fill([x.shape[0]], noise);
  const finish = (value: Tensor4D) => (clip ? clipped(value) : value);

  const vjp: Denoiser['vjp'] = (x, sigma, cotangent) =>
    tf.tidy(() => {
      const c = coefficients(sigma);
      const kept: Tensor4D[] = [];
      const through = (output: Tensor4D): Tensor4D => {
        const value = combine(x, output, c);
        const dy = cotangent(finish(value));
        const dValue = clip ? unclip(value, dy) : dy;
        kept.push(tf.keep(tf.clone(dValue)));
        return widen(tf.mul(dValue, c.out), output.shape[3]);
      };
      try {
        const inner = network.vjp!(tf.mul(x, c.in), time(x, c.noise), through);
        const denoised = finish(combine(x, inner.output, c));
        const gradient = tf.add(tf.mul(kept[0]!, c.skip), tf.mul(inner.gradient, c.in));
        return { denoised, gradient: gradient as Tensor4D };
      } finally {
        tf.dispose(kept);
      }
    });

  return {
    denoise(x, sigma) {
      const c = coefficients(sigma);
      return tf.tidy(() => finish(combine(x, network(tf.mul(x, c.in), time(x, c.noise)), c)));
    },
    ...(network.vjp ? { vjp } : {}),
    ...(network.imageShape ? { imageShape: network.imageShape } : {}),
    ...(network.multipleOf ? { multipleOf: network.multipleOf } : {}),
    ...(network.dispose ? { dispose: network.dispose } : {}),
  };
}
