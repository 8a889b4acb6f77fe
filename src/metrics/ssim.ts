import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { applySeparable, buildMatrix, matrixBySize } from '../internal/separable';
import { checkImage, checkSameShape } from '../operators/check-image';
import { unitRange } from './unit-range';

const window = 11;
const c1 = 0.01 ** 2;
const c2 = 0.03 ** 2;

/** The Gaussian window at every place where it lies inside the image. */
const windowMatrix = matrixBySize((size) => {
  const taps = Array.from({ length: window }, (_, k) => Math.exp(-((k - 5) ** 2) / (2 * 1.5 ** 2)));
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return buildMatrix(size - window + 1, size, (add) => {
    for (let i = 0; i + window <= size; i++)
      taps.forEach((tap, k) => {
        add(i, i + k, tap / sum);
      });
  });
});

/** Window means of a, b, a², b² and ab, in one pass. */
function windowMeans(a: Tensor4D, b: Tensor4D): Tensor4D[] {
  const map = { rows: windowMatrix(a.shape[1]), columns: windowMatrix(a.shape[2]) };
  const products = [a, b, tf.square(a), tf.square(b), tf.mul(a, b)] as Tensor4D[];
  return tf.split(applySeparable(tf.concat(products, 0), map), 5, 0);
}

/**
 * Structural similarity, one number an item, at most 1: the mean over windows and channels of
 * `(2 ma mb + c1)(2 vab + c2) / ((ma² + mb² + c1)(va + vb + c2))`, c1 = 0.01², c2 = 0.03².
 *
 * Takes two batches `[batch, height, width, channels]`, values in [-1, 1], height and width at least
 * 11, compared on [0, 1] after clipping; Gaussian window of 11 pixels and std 1.5. Throws
 * `RangeError` for two shapes that differ and for smaller images.
 *
 * Reference: Wang et al., Image quality assessment, 2004; as scikit-image's
 * `structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
 * data_range=1, channel_axis=-1)`.
 */
export function ssim(a: Tensor4D, b: Tensor4D): Tensor1D {
  checkImage('ssim', 'a', a);
  checkSameShape('ssim', 'b', b, a);
  const large = a.shape[1] >= window && a.shape[2] >= window;
  const rule = `[batch, height, width, channels] with height and width >= ${window}`;
  checkRange(large, 'ssim', 'a.shape', rule, a.shape);
  return tf.tidy(() => {
    const means = windowMeans(unitRange(a), unitRange(b));
    const [ma, mb, maa, mbb, mab] = means as [Tensor4D, Tensor4D, Tensor4D, Tensor4D, Tensor4D];
    const squares = tf.add(tf.square(ma), tf.square(mb));
    const product = tf.mul(ma, mb);
    const variances = tf.sub(tf.add(maa, mbb), squares);
    const covariance = tf.sub(mab, product);
    const above = tf.mul(tf.add(tf.mul(product, 2), c1), tf.add(tf.mul(covariance, 2), c2));
    const below = tf.mul(tf.add(squares, c1), tf.add(variances, c2));
    return tf.mean(tf.mean(tf.div(above, below), [2, 3]), 1) as Tensor1D;
  });
}
