import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { checkFinite } from '../internal/finite';
import { checkImage, checkLive } from './check-image';
import { linearOperator } from './linear-operator';
import type { LinearOperator, SolvableOperator } from './operator';

/** Options of `regionalBlur`. */
export interface RegionalBlurOptions {
  /** The blurs, one or more; any linear operators that keep the shape of an image. */
  blurs: readonly LinearOperator[];
  /**
   * How much of each blur a pixel of y has: `[1, height, width, blurs]`, finite; of sum 1 at each pixel
   * for a blur that keeps brightness. The caller keeps it, and disposes it after the last use of the
   * operator.
   */
  weights: Tensor4D;
}

/**
 * A blur that differs over the image: `y = sum_r w_r * (A_r x)`, with the blurs `A_r` and their weights
 * `w_r`. Weights that change smoothly interpolate the blurs between regions.
 *
 * Takes and gives `[batch, height, width, channels]`, values in [-1, 1]. It costs as much as all of its
 * blurs together; solver and pseudo-inverse are conjugate gradients.
 *
 * @throws TypeError for weights that are not rank 4, not float32 or disposed; RangeError for a number of
 * blurs that differs from that of the weights, for an x that they do not fit, and before the first step of
 * a run for weights that are not finite.
 *
 * Reference: Nagy and O'Leary, "Restoring images degraded by spatially variant blur", SIAM Journal on
 * Scientific Computing 1998.
 */
export function regionalBlur({ blurs, weights }: RegionalBlurOptions): SolvableOperator {
  checkImage('regionalBlur', 'weights', weights);
  const [batch, height, width, count] = weights.shape;
  const rule = `[1, height, width, ${blurs.length}], with one weight for each blur`;
  const fits = batch === 1 && count === blurs.length && count > 0;
  checkRange(fits, 'regionalBlur', 'weights.shape', rule, weights.shape);
  const sum = (part: (blur: LinearOperator, weight: Tensor4D) => Tensor4D): Tensor4D =>
    tf.tidy(() =>
      tf
        .split<Tensor4D>(weights, count, 3)
        .map((weight, r) => part(blurs[r]!, weight))
        .reduce((total, one) => tf.add(total, one)),
    );
  return linearOperator({
    name: 'regionalBlur',
    async check() {
      await checkFinite('regionalBlur', 'weights', weights);
      for (const blur of blurs) await blur.check?.();
    },
    checkShape({ shape }) {
      checkLive('regionalBlur', 'weights', weights);
      const isSame = shape[1] === height && shape[2] === width;
      const known = `[batch, ${height}, ${width}, channels] as the weights`;
      checkRange(isSame, 'regionalBlur', 'x.shape', known, shape);
    },
    forward: (x) => sum((blur, weight) => tf.mul(blur.forward(x), weight)),
    adjoint: (y) => sum((blur, weight) => blur.adjoint(tf.mul(y, weight))),
  });
}
