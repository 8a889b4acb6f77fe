import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** Rates up to here are counted one by one; above, the normal distribution is near enough. */
const countedUpTo = 64;

/** A Poisson number of rate 64 is smaller than this, but for one in 10^9. */
const mostArrivals = 120;

/** `rate + sqrt(rate) z + (z² - 1) / 6`, rounded: mean, variance and skewness are those of Poisson. */
const fromNormal = (rates: Tensor4D, z: Tensor4D): Tensor4D => {
  const skew = tf.div(tf.sub(tf.square(z), 1), 6);
  return tf.round(tf.add<Tensor4D>(tf.add(rates, tf.mul(tf.sqrt(rates), z)), skew));
};

/**
 * Poisson numbers of the given rates >= 0: how many arrivals of a process of rate 1 come before each
 * rate. The arrivals are drawn in JavaScript and the rates stay on their device, so that the same
 * rates give the same numbers on every backend.
 *
 * @param uniforms A generator of uniform numbers for each item.
 * @param z Standard normal numbers, for the high rates.
 */
export function poissonNumbers(
  rates: Tensor4D,
  uniforms: readonly (() => number)[],
  z: Tensor4D,
): Tensor4D {
  return tf.tidy(() => {
    const times = new Float64Array(rates.size);
    const pixels = rates.size / uniforms.length;
    let counted = tf.zerosLike(rates);
    for (let k = 0; k < mostArrivals; k++) {
      for (let i = 0; i < times.length; i++)
        times[i]! -= Math.log(1 - uniforms[Math.floor(i / pixels)]!());
      const before = counted;
      counted = tf.tidy(() => {
        const arrival = tf.tensor4d(Float32Array.from(times), rates.shape);
        return tf.add(before, tf.cast(tf.less(arrival, rates), 'float32'));
      });
      before.dispose();
    }
    return tf.where(tf.greater(rates, countedUpTo), fromNormal(rates, z), counted);
  });
}
