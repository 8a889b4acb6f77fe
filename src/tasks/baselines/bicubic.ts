import * as tf from '@tensorflow/tfjs';
import type { Baseline } from './baseline';

/** The cubic convolution kernel with a = -0.5. */
function cubic(distance: number): number {
  const t = Math.abs(distance);
  if (t <= 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

/** `[large, small]`: each row interpolates one large pixel, border pixels repeated outside. */
function interpolation(small: number, large: number): tf.Tensor2D {
  const weights = new Float32Array(large * small);
  for (let row = 0; row < large; row++) {
    const centre = ((row + 0.5) * small) / large - 0.5;
    for (let tap = Math.floor(centre) - 1; tap <= Math.floor(centre) + 2; tap++) {
      const inside = Math.min(Math.max(tap, 0), small - 1);
      weights[row * small + inside]! += cubic(centre - tap);
    }
  }
  return tf.tensor2d(weights, [large, small]);
}

/** Enlarges height: `[1, h, w, c]` to `[1, height, w, c]`. */
function enlargeRows(image: tf.Tensor4D, height: number): tf.Tensor4D {
  const [, h, w, c] = image.shape;
  const rows = tf.reshape(image, [h, w * c]);
  return tf.reshape(tf.matMul(interpolation(h, height), rows), [1, height, w, c]);
}

const swap = (image: tf.Tensor4D): tf.Tensor4D => tf.transpose(image, [0, 2, 1, 3]);

/**
 * Bicubic upsampling in float32, pixel centres aligned.
 *
 * Reference: Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981.
 */
export const bicubic: Baseline = {
  name: 'bicubic',
  restore({ operator, measurement }) {
    const [, height, width] = operator.imageShape?.(measurement.shape) ?? measurement.shape;
    return tf.tidy(() => {
      const tall = enlargeRows(measurement, height);
      return tf.clipByValue(swap(enlargeRows(swap(tall), width)), -1, 1);
    });
  },
};
