import * as tf from '@tensorflow/tfjs';
import { type LinearOperator, linear } from 'spgd';
import type { BaselineProblem, LinearBaseline } from './baseline';

/**
 * Root mean square differences between neighbours, on the [-1, 1] scale, from smooth photos to rich
 * ones (0.17 is that of a typical photo at 64 x 64).
 */
const smoothness: readonly number[] = [0.06, 0.1, 0.17, 0.28, 0.47, 0.8];

/** How large the residual may be, in standard deviations of the noise. */
const allowed = 0.95;

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

/** The minimum of `|A x - y|² / noise² + |D x|² / step²`. */
function filter(
  { operator, measurement, noiseStd }: BaselineProblem<LinearOperator>,
  step: number,
) {
  return tf.tidy(() => {
    const system = stacked(operator, measurement.shape, noiseStd / step);
    const zeros = tf.zerosLike(tf.concat([measurement, measurement], 3));
    const target = system.adjoint(tf.concat([measurement, zeros], 3));
    return tf.clipByValue(system.solve!(target, 1e-6), -1, 1);
  });
}

/** `rms(A x - y) / noise`. */
async function residual(
  { operator, measurement, noiseStd }: BaselineProblem<LinearOperator>,
  x: tf.Tensor4D,
): Promise<number> {
  const mean = tf.tidy(() => tf.mean(tf.square(tf.sub(operator.forward(x), measurement))));
  const [square] = await mean.data();
  mean.dispose();
  return Math.sqrt(square!) / noiseStd;
}

/**
 * The Wiener filter for Gaussian noise and a smooth Gaussian prior, whose power spectrum falls off
 * as 1 / f², by conjugate gradients. Its smoothness is chosen by the discrepancy principle: the
 * smoothest image that leaves no more than the noise unexplained. The clean image is not looked at.
 */
export const wiener: LinearBaseline = {
  name: 'Wiener filter',
  async restore(problem) {
    let best: { image: tf.Tensor4D; left: number } | undefined;
    let candidates = smoothness;
    while (candidates.length > 0) {
      // What a smoothness leaves unexplained falls as it grows: bisection.
      const middle = candidates.length >> 1;
      const image = filter(problem, candidates[middle]!);
      const left = await residual(problem, image);
      const explains = left <= allowed;
      candidates = explains ? candidates.slice(0, middle) : candidates.slice(middle + 1);
      const better = !best || explains || left < best.left;
      (better ? best?.image : image)?.dispose();
      if (better) best = { image, left };
    }
    return best!.image;
  },
};
