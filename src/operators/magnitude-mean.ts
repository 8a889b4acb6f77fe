import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** Complex numbers. */
export interface Complex {
  readonly real: Tensor4D;
  readonly imaginary: Tensor4D;
}

/** Noise of a magnitude below this is taken for it: an exact one divides by 0. */
const leastStd = 1e-4;

/**
 * The mean of a complex number c of which the magnitude is known, `y = |c| + std n`, and a guess,
 * `guess = c + e`, e circular of variance `variance` (of both parts together); call it in a tidy.
 *
 * The magnitude is the mean of y and that of the guess, weighed by their variances. A guess hardly longer
 * than its noise says little of the phase: then the mean is shorter, by `I1(k) / I0(k)` of the von Mises
 * distribution, here by its lower bound `k / (1/2 + sqrt(k² + 9/4))` (Amos, 1974), at most 0.034 below.
 */
export function magnitudeMean(
  { real, imaginary }: Complex,
  y: Tensor4D,
  { std, variance }: { std: number; variance: number },
): Complex {
  const length = tf.sqrt(tf.add(tf.square(real), tf.square(imaginary)));
  const ofMagnitude = Math.max(std, leastStd) ** 2;
  const weighed = tf.add(tf.div(y, ofMagnitude), tf.mul(length, 2 / variance));
  const magnitude = tf.relu(tf.div(weighed, 1 / ofMagnitude + 2 / variance));
  const k = tf.mul(tf.mul(magnitude, length), 2 / variance);
  const shorter = tf.div(k, tf.add(tf.sqrt(tf.add(tf.square(k), 9 / 4)), 1 / 2));
  const gain = tf.div(tf.mul(magnitude, shorter), tf.maximum(length, 1e-20));
  return { real: tf.mul(real, gain), imaginary: tf.mul(imaginary, gain) };
}
