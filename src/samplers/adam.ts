import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** Running means of a gradient and of its square, and how many gradients they are of. */
export type Moments = {
  readonly m: Tensor4D;
  readonly v: Tensor4D;
  readonly count: number;
};

/** Decay rates of the two means, each in [0, 1). */
export interface MomentDecay {
  readonly beta1: number;
  readonly beta2: number;
}

const epsilon = 1e-8;

/** The moments before the first gradient. */
export const noMoments = (like: Tensor4D): Moments => ({
  m: tf.zerosLike(like),
  v: tf.zerosLike(like),
  count: 0,
});

/**
 * The direction of Adam, `m / (sqrt(v) + epsilon)` with both means corrected for their start at 0, and
 * the moments after this gradient.
 *
 * Reference: Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
 */
export function adam(
  gradient: Tensor4D,
  before: Moments,
  { beta1, beta2 }: MomentDecay,
): { direction: Tensor4D; moments: Moments } {
  const count = before.count + 1;
  const blend = (old: Tensor4D, now: Tensor4D, beta: number) =>
    tf.add<Tensor4D>(tf.mul(old, beta), tf.mul(now, 1 - beta));
  const m = blend(before.m, gradient, beta1);
  const v = blend(before.v, tf.square(gradient), beta2);
  const scale = tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** count)), epsilon);
  const direction = tf.div<Tensor4D>(tf.div(m, 1 - beta1 ** count), scale);
  return { direction, moments: { m, v, count } };
}
