import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import type { GradientTransform } from './gradient-transform';

/** Options of `adam`; the defaults are those of its paper. */
export interface AdamOptions {
  /**
   * How much of the mean gradient of earlier steps is kept, in [0, 1).
   * @default 0.9
   */
  beta1?: number;
  /**
   * How much of the mean squared gradient of earlier steps is kept, in [0, 1).
   * @default 0.999
   */
  beta2?: number;
}

/** The state of `adam`: running means of the gradients and of their squares. */
export type AdamState = {
  /** Number of gradients so far. */
  readonly count: number;
  /** The mean gradient, biased towards 0: `[batch, height, width, channels]`. */
  readonly m: Tensor4D;
  /** The mean squared gradient, biased towards 0. */
  readonly v: Tensor4D;
};

/**
 * Adam: `m / (sqrt(v) + 1e-8)`, m and v the running means of gradient and squared gradient without
 * their bias towards 0.
 *
 * @throws RangeError for a beta out of range.
 *
 * Reference: Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.
 */
export function adam({
  beta1 = 0.9,
  beta2 = 0.999,
}: AdamOptions = {}): GradientTransform<AdamState> {
  checkBetas('adam', { beta1, beta2 });
  const mean = (before: Tensor4D, value: Tensor4D, beta: number): Tensor4D =>
    tf.add(tf.mul(before, beta), tf.mul(value, 1 - beta));
  return {
    init: (shape) => ({ count: 0, m: tf.zeros(shape), v: tf.zeros(shape) }),
    update: (before, g) =>
      tf.tidy(() => {
        const count = before.count + 1;
        const m = mean(before.m, g, beta1);
        const v = mean(before.v, tf.square(g), beta2);
        const spread = tf.sqrt(tf.div(v, 1 - beta2 ** count));
        const direction = tf.div(tf.div(m, 1 - beta1 ** count), tf.add(spread, 1e-8)) as Tensor4D;
        return { state: { count, m, v }, direction };
      }),
  };
}

/** Checks beta1 and beta2 in the name of the sampler that takes them. */
export function checkBetas(owner: string, betas: Required<AdamOptions>): void {
  for (const [option, beta] of Object.entries(betas))
    checkRange(beta >= 0 && beta < 1, owner, option, 'in [0, 1)', beta);
}
