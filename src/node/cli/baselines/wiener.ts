import * as tf from '@tensorflow/tfjs';
import { type LinearOperator, linear } from 'spgd';
import type { LinearBaseline } from './baseline';

/**
 * Root mean square difference between neighbours, on the [-1, 1] scale, in 25 photos of the gb82 set
 * resized to 64 x 64 (0.166): of photos at large, never of the one at hand.
 */
const typicalStep = 0.17;

const iterations = 100;

/** Differences down and right, 0 at the far border: `[1, h, w, c]` to `[1, h, w, 2 c]`. */
function differences(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const along = (axis: 1 | 2) => {
    const size: [number, number, number, number] = [batch, height, width, channels];
    size[axis] -= 1;
    const next: [number, number, number, number] = [0, 0, 0, 0];
    next[axis] = 1;
    const step = tf.sub(tf.slice4d(x, next, size), tf.slice4d(x, [0, 0, 0, 0], size));
    const border: [number, number][] = [0, 1, 2, 3].map((one) => [0, one === axis ? 1 : 0]);
    return tf.pad(step as tf.Tensor4D, border);
  };
  return tf.concat([along(1), along(2)], 3);
}

/** `x -> [A x, weight D x]` on the channels, whose least squares are those of the filter. */
const stacked = (operator: LinearOperator, shape: tf.Tensor4D['shape'], weight: number) =>
  linear(
    (x) => tf.concat([operator.forward(x), tf.mul<tf.Tensor4D>(differences(x), weight)], 3),
    shape,
    {
      name: 'wiener',
      iterations,
    },
  );

/**
 * The Wiener filter for Gaussian noise and a smooth Gaussian prior, whose power spectrum falls off
 * as 1 / f²: the minimum of `|A x - y|² / noise² + |D x|² / step²`, by conjugate gradients.
 *
 * The prior is the same for every image, so nothing is tuned by looking at the clean one.
 */
export const wiener: LinearBaseline = {
  name: 'Wiener filter',
  restore({ operator, measurement, noiseStd }) {
    const weight = noiseStd / typicalStep;
    return tf.tidy(() => {
      const system = stacked(operator, measurement.shape, weight);
      const zeros = tf.zerosLike(tf.concat([measurement, measurement], 3));
      const target = system.adjoint(tf.concat([measurement, zeros], 3));
      return tf.clipByValue(system.solve!(target, 1e-6), -1, 1);
    });
  },
};
