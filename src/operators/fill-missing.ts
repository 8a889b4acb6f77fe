import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** The mean of each block of 2 x 2 pixels, of fewer at an odd border. */
const halve = (x: Tensor4D): Tensor4D => tf.avgPool(x, 2, 2, 'same');

/**
 * Fills in missing pixels smoothly: means of the known ones, over blocks that double until nothing is
 * missing, are brought back by bilinear interpolation.
 *
 * @param x `[batch, height, width, channels]`.
 * @param known 1 where a pixel of x counts, 0 where it is missing, of x's shape. Where none is known, the
 * result is 0.
 * Reference: Gortler et al., "The lumigraph", SIGGRAPH 1996, section 3.4.
 */
export function fillMissing(x: Tensor4D, known: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const [, height, width] = x.shape;
    const seen = tf.mul<Tensor4D>(x, known);
    if (height * width === 1) return seen;
    const share = halve(known);
    const means = tf.divNoNan(halve(seen), share) as Tensor4D;
    const coarse = fillMissing(means, tf.sign(share));
    const smooth = tf.image.resizeBilinear(coarse, [height, width], false, true);
    return tf.add<Tensor4D>(seen, tf.mul(smooth, tf.sub(1, known)));
  });
}
