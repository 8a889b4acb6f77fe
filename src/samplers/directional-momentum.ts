import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/**
 * Where the cosine between two gradients is taken: at each pixel over its channels, then averaged
 * over the image; or once over the whole image.
 */
export type Similarity = 'pixel' | 'image';

const axes: Readonly<Record<Similarity, number[]>> = { pixel: [3], image: [1, 2, 3] };

/** The names of the similarities. */
export const similarities = Object.keys(axes);

/** The cosine of the angle between two gradients, `[batch, 1, 1, 1]` in [-1, 1]; 0 where one is 0. */
export function cosine(a: Tensor4D, b: Tensor4D, similarity: Similarity): Tensor4D {
  return tf.tidy(() => {
    const sum = (t: tf.Tensor) => tf.sum(t, axes[similarity], true);
    const norms = tf.sqrt(tf.mul(sum(tf.square(a)), sum(tf.square(b))));
    const cosines = tf.div(sum(tf.mul(a, b)), tf.maximum(norms, 1e-16));
    return tf.mean(cosines, [1, 2, 3], true) as Tensor4D;
  });
}

/**
 * Adaptive directional momentum: `m_j = a_j b m_{j-1} + (1 - a_j b) g_j`, where
 * `a_j = (cos(g_j, m_{j-1}) + 1) / 2`. The first gradient stands for itself. Momentum holds on to a
 * direction the more the new gradient agrees with it.
 *
 * Reference: SPGD, arXiv 2507.06656.
 */
export function directionalMomentum(
  gradient: Tensor4D,
  previous: Tensor4D | undefined,
  { momentum, similarity }: { momentum: number; similarity: Similarity },
): Tensor4D {
  if (previous === undefined || momentum === 0) return tf.clone(gradient);
  return tf.tidy(() => {
    const agreement = tf.div(tf.add(cosine(gradient, previous, similarity), 1), 2);
    const weight = tf.mul(agreement, momentum);
    return tf.add(tf.mul(weight, previous), tf.mul(tf.sub(1, weight), gradient)) as Tensor4D;
  });
}
