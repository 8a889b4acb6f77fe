import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import type { Denoiser } from './denoiser';
import { linearized } from './linearized';

/** One mode of `gaussianMixture`. */
export interface GaussianComponent {
  /** Mean image: a number, or a tensor that broadcasts against x. The caller keeps the tensor. */
  mean: number | Tensor4D;
  /** Standard deviation of each pixel, > 0. */
  std: number;
  /**
   * Its probability relative to the others, > 0; the sum need not be 1.
   * @default 1
   */
  weight?: number;
}

/**
 * The denoiser of a mixture of Gaussian images, in closed form:
 * `D(x; sigma) = sum_k r_k D_k(x; sigma)`, with `D_k` that of `gaussianPrior` and r the probability
 * of component k given x. A whole image belongs to one component. It tests whether a sampler finds
 * every mode.
 *
 * @throws RangeError for an empty list, and for a std or weight that is not > 0.
 */
export function gaussianMixture(components: readonly GaussianComponent[]): Denoiser {
  checkRange(components.length > 0, 'gaussianMixture', 'components', 'at least one', components);
  for (const { std, weight = 1 } of components) {
    checkPositive('gaussianMixture', 'std', std);
    checkPositive('gaussianMixture', 'weight', weight);
  }

  const parts = (x: Tensor4D, sigma: number) => {
    const pixels = x.size / x.shape[0];
    const each = components.map(({ mean, std, weight = 1 }) => {
      const variance = std ** 2 + sigma ** 2;
      const gain = std ** 2 / variance;
      const away = tf.sub<Tensor4D>(x, mean);
      const squares = tf.sum(tf.square(away), [1, 2, 3]);
      const constant = Math.log(weight) - (pixels / 2) * Math.log(variance);
      const logit = tf.sub(constant, tf.div(squares, 2 * variance));
      return { gain, variance, away, logit, denoised: tf.add<Tensor4D>(tf.mul(away, gain), mean) };
    });
    const responsibilities = tf.softmax(
      tf.stack(
        each.map(({ logit }) => logit),
        1,
      ) as Tensor2D,
    );
    const shares = tf.split(responsibilities, components.length, 1) as Tensor2D[];
    const weighted = each.map((one, k) => ({
      ...one,
      share: tf.reshape(shares[k]!, [-1, 1, 1, 1]) as Tensor4D,
    }));
    const denoised = total(weighted.map((one) => tf.mul(one.share, one.denoised)));
    return { weighted, denoised };
  };

  return {
    denoise: (x, sigma) => tf.tidy(() => parts(x, sigma).denoised),
    linearize: (x, sigma) =>
      linearized((keep) => {
        const { weighted, denoised } = parts(x, sigma);
        const mean = keep(tf.clone(denoised));
        for (const { away, share, denoised: own } of weighted) [away, share, own].forEach(keep);
        const backward = (c: Tensor4D): Tensor4D => {
          const terms = weighted.map(({ gain, variance, away, share, denoised: own }) => {
            // The responsibility of k grows towards its mean: grad log = -away / variance + …
            const lead = tf.sum(tf.mul(tf.sub(own, mean), c), [1, 2, 3], true);
            const turn = tf.mul(tf.div(away, -variance), lead);
            return tf.mul<Tensor4D>(share, tf.add(tf.mul(c, gain), turn));
          });
          return total(terms);
        };
        return { denoised, backward };
      }),
  };
}

const total = (images: Tensor4D[]): Tensor4D =>
  images.reduce((sum, image) => tf.add<Tensor4D>(sum, image));
