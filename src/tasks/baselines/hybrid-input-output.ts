import * as tf from '@tensorflow/tfjs';
import type { Baseline } from './baseline';

const iterations = 400;
const feedback = 0.9;

/**
 * The centred orthonormal DFT of one axis as a real matrix on `[real; imaginary]`: `[2 n, 2 n]`.
 * It is orthogonal, so its transpose is its inverse.
 */
function dftMatrix(n: number): tf.Tensor2D {
  const values = new Float32Array(4 * n * n);
  for (let k = 0; k < n; k++)
    for (let i = 0; i < n; i++) {
      const angle = (2 * Math.PI * (k - (n >> 1)) * i) / n;
      const [cosine, sine] = [Math.cos(angle) / Math.sqrt(n), Math.sin(angle) / Math.sqrt(n)];
      values[k * 2 * n + i] = values[(n + k) * 2 * n + n + i] = cosine;
      values[k * 2 * n + n + i] = sine;
      values[(n + k) * 2 * n + i] = -sine;
    }
  return tf.tensor2d(values, [2 * n, 2 * n]);
}

/** Both axes of `[2, height, width, channels]`, each by its matrix. */
function transform(plane: tf.Tensor4D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor4D {
  const [, height, width, channels] = plane.shape;
  const first = tf.matMul(rows, tf.reshape(plane, [2 * height, width * channels]));
  const turned = tf.transpose(tf.reshape(first, [2, height, width, channels]), [0, 2, 1, 3]);
  const second = tf.matMul(columns, tf.reshape(turned, [2 * width, height * channels]));
  return tf.transpose(tf.reshape(second, [2, width, height, channels]), [0, 2, 1, 3]);
}

/** The nearest plane with the measured magnitudes: keeps the phase of each frequency. */
function imposeMagnitude(spectrum: tf.Tensor4D, measured: tf.Tensor4D): tf.Tensor4D {
  const magnitude = tf.sqrt(tf.sum(tf.square(spectrum), 0, true));
  return tf.mul(spectrum, tf.div(measured, tf.maximum(magnitude, 1e-12)));
}

/**
 * Fienup's hybrid input-output: an image from the magnitudes of its Fourier transform, knowing where
 * it lies and that it is in [0, 1]. Starts from noise; may find the image turned by 180 degrees, as
 * the magnitudes cannot tell.
 *
 * Reference: Fienup, "Phase retrieval algorithms: a comparison", 1982.
 */
export const hybridInputOutput: Baseline = {
  name: 'hybrid input-output',
  restore({ operator, measurement, seed }) {
    const [, height, width, channels] = measurement.shape;
    const [, innerHeight, innerWidth] = operator.imageShape!(measurement.shape);
    const [top, left] = [(height - innerHeight) >> 1, (width - innerWidth) >> 1];
    return tf.tidy(() => {
      const [rows, columns] = [dftMatrix(height), dftMatrix(width)];
      const [backRows, backColumns] = [tf.transpose(rows), tf.transpose(columns)];
      const support = tf.pad(tf.ones([1, innerHeight, innerWidth, channels]), [
        [0, 0],
        [top, height - innerHeight - top],
        [left, width - innerWidth - left],
        [0, 0],
      ]);
      const project = (plane: tf.Tensor4D) => {
        const spectrum = transform(tf.concat([plane, tf.zerosLike(plane)]), rows, columns);
        const imposed = imposeMagnitude(spectrum, measurement);
        return tf.slice4d(transform(imposed, backRows, backColumns), [0, 0, 0, 0], [1, -1, -1, -1]);
      };
      let plane = tf.mul(tf.randomUniform(support.shape, 0, 1, 'float32', seed + 1), support);
      for (let i = 0; i < iterations; i++) {
        const before = plane as tf.Tensor4D;
        plane = tf.tidy(() => {
          const next = project(before);
          const valid = tf.logicalAnd(tf.greaterEqual(next, 0), tf.lessEqual(next, 1));
          const inside = tf.logicalAnd(valid, tf.cast(support, 'bool'));
          return tf.where(inside, next, tf.sub(before, tf.mul(next, feedback)));
        });
        before.dispose();
      }
      const whole = project(plane as tf.Tensor4D);
      const image = tf.slice4d(whole, [0, top, left, 0], [1, innerHeight, innerWidth, -1]);
      return tf.clipByValue(tf.sub(tf.mul(image, 2), 1) as tf.Tensor4D, -1, 1);
    });
  },
};
