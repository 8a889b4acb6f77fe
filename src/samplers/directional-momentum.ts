import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import type { GradientTransform } from './gradient-transform';

/**
 * Where the cosine between two gradients is taken: at each pixel over its channels, then averaged
 * over the image; or once over the whole image.
 */
export type Similarity = 'pixel' | 'image';

/** Options of `directionalMomentum`. */
export interface DirectionalMomentumOptions {
  /**
   * b: how strongly a gradient keeps the direction of those before it, in [0, 1). 0 is plain
   * gradient descent.
   * @default 0.9
   */
  momentum?: number;
  /**
   * Where the cosine of two gradients is taken.
   * @default 'pixel'
   */
  similarity?: Similarity;
}

const axes: Readonly<Record<Similarity, number[]>> = { pixel: [3], image: [1, 2, 3] };

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
 * Adaptive directional momentum (ADM): the better a gradient agrees with the direction so far, the
 * more of that direction is kept.
 *
 * ```
 * m_0 = g_0,   m_j = a_j b m_{j-1} + (1 - a_j b) g_j,   a_j = (cos(g_j, m_{j-1}) + 1) / 2
 * ```
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: SPGD, arXiv 2507.06656.
 */
export function directionalMomentum({
  momentum = 0.9,
  similarity = 'pixel',
}: DirectionalMomentumOptions = {}): GradientTransform<readonly Tensor4D[]> {
  checkMomentum('directionalMomentum', { momentum, similarity });
  return {
    init: () => [],
    update: ([m], g) =>
      tf.tidy(() => {
        if (m === undefined || momentum === 0) return { state: [g], direction: g };
        const agreement = tf.div(tf.add(cosine(g, m, similarity), 1), 2);
        const weight = tf.mul(agreement, momentum);
        const next = tf.add(tf.mul(weight, m), tf.mul(tf.sub(1, weight), g)) as Tensor4D;
        return { state: [next], direction: next };
      }),
  };
}

/** Checks the options in the name of what takes them. */
export function checkMomentum(
  owner: string,
  { momentum = 0, similarity = 'pixel' }: DirectionalMomentumOptions,
): void {
  checkRange(momentum >= 0 && momentum < 1, owner, 'momentum', 'in [0, 1)', momentum);
  const names = Object.keys(axes);
  checkRange(names.includes(similarity), owner, 'similarity', names.join(' or '), similarity);
}
