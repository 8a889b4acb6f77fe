import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';

/** Running means of a gradient and of its square. */
export type AdamMoments = {
  /** The mean gradient, towards 0 from the start: `[batch, height, width, channels]`. */
  readonly m: Tensor4D;
  /** The mean squared gradient, likewise. */
  readonly v: Tensor4D;
};

/** How long the moments remember. */
export interface Betas {
  readonly beta1: number;
  readonly beta2: number;
}

/** Moments before the first gradient; the caller disposes them. */
export const noMoments = (shape: Tensor4D['shape']): AdamMoments => ({
  m: tf.zeros(shape),
  v: tf.zeros(shape),
});

/**
 * The direction of Adam after gradient number `count`, from 1: `m / (sqrt(v) + 1e-8)`, both means
 * without their bias towards 0.
 *
 * Reference: Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.
 */
export function adam(
  gradient: Tensor4D,
  before: AdamMoments,
  { beta1, beta2 }: Betas,
  count: number,
): { readonly direction: Tensor4D; readonly moments: AdamMoments } {
  const mean = (old: Tensor4D, value: Tensor4D, beta: number): Tensor4D =>
    tf.add(tf.mul(old, beta), tf.mul(value, 1 - beta));
  return tf.tidy(() => {
    const m = mean(before.m, gradient, beta1);
    const v = mean(before.v, tf.square(gradient), beta2);
    const spread = tf.sqrt(tf.div(v, 1 - beta2 ** count));
    const direction = tf.div(tf.div(m, 1 - beta1 ** count), tf.add(spread, 1e-8)) as Tensor4D;
    return { direction, moments: { m, v } };
  });
}

/** Checks beta1 and beta2. */
export function checkBetas(owner: string, betas: Betas): void {
  for (const [option, beta] of Object.entries(betas))
    checkRange(beta >= 0 && beta < 1, owner, option, 'in [0, 1)', beta);
}
