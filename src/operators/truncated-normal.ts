import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** A normal distribution at each pixel: means, and one standard deviation. */
export interface Normal {
  readonly mean: Tensor4D;
  readonly std: number;
}

/** What of a normal distribution lies in an interval. */
export interface Truncated {
  /** The logarithm of its probability. */
  readonly logMass: Tensor4D;
  /** The mean within the interval. */
  readonly mean: Tensor4D;
}

/** From here on, in standard deviations, float32 cannot tell the probability of a tail from 0. */
const far = 3;

const logOfRoot = 0.5 * Math.log(2 * Math.PI);

const probabilityBelow = (x: Tensor4D): Tensor4D =>
  tf.mul(tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1), 0.5);

const density = (x: Tensor4D): Tensor4D =>
  tf.exp(tf.sub<Tensor4D>(tf.mul(tf.square(x), -0.5), logOfRoot));

/** The probability of a tail from d >= 3 on, over the density there (Mills' ratio, a continued fraction). */
const ratio = (d: Tensor4D): Tensor4D =>
  [6, 5, 4, 3, 2, 1].reduce<Tensor4D>(
    (rest, k) => tf.reciprocal(tf.add<Tensor4D>(d, tf.mul(rest, k))),
    tf.reciprocal(d),
  );

/** The part of a normal distribution between two bounds; call it in a tidy. */
export function truncated({ mean, std }: Normal, low: number, high: number): Truncated {
  const from = tf.div<Tensor4D>(tf.sub(low, mean), std);
  const to = tf.div<Tensor4D>(tf.sub(high, mean), std);
  const probability = tf.maximum(tf.sub(probabilityBelow(to), probabilityBelow(from)), 1e-6);
  const shift = tf.div<Tensor4D>(tf.sub(density(from), density(to)), probability);

  // An interval far from the mean, by its begin and its end as seen from there.
  const isAbove = tf.greater(from, 0);
  const begin = tf.maximum<Tensor4D>(tf.maximum(from, tf.neg(to)), far);
  const isFar = tf.greater(begin, far);
  const end = tf.maximum<Tensor4D>(tf.where(isAbove, to, tf.neg(from)), begin);
  const drop = tf.exp(tf.mul(tf.mul(tf.sub(begin, end), tf.add(begin, end)), 0.5));
  const share = tf.maximum(tf.sub(ratio(begin), tf.mul(drop, ratio(end))), 1e-6);
  const away = tf.div<Tensor4D>(tf.sub(1, drop), share);
  const logShare = tf.sub(tf.log(share), tf.add(tf.mul(tf.square(begin), 0.5), logOfRoot));

  const inUnits = tf.where(isFar, tf.where(isAbove, away, tf.neg(away)), shift);
  return {
    logMass: tf.where(isFar, logShare, tf.log(probability)) as Tensor4D,
    mean: tf.clipByValue(tf.add(mean, tf.mul(inUnits, std)), low, high) as Tensor4D,
  };
}
