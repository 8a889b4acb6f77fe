import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { checkFinite } from '../internal/finite';
import { checkImage, checkLive } from './check-image';
import { fillMissing } from './fill-missing';
import { linearOperator } from './linear-operator';
import type { SpectralOperator } from './operator';

/** Options of `inpainting`. */
export interface InpaintingOptions {
  /**
   * `[1 or batch, height, width, 1 or channels]`, float32: 1 = known, 0 = missing; any other finite
   * number is the weight with which a pixel is measured. The caller keeps it, and disposes it after
   * the last use of the operator.
   */
  mask: Tensor4D;
}

/** The operator of inpainting. */
export interface InpaintingOperator extends SpectralOperator {
  /** y where it is known, and smooth means of it where it is missing. */
  decode(y: Tensor4D): Tensor4D;
}

/**
 * Missing pixels: `y = mask * x`, with 0 in place of the missing ones. A measurement may hold anything
 * under the mask, such as the scratches of the photo: a run ignores it.
 *
 * Takes and gives `[batch, height, width, channels]`, values in [-1, 1]. The singular values are
 * the absolute values of the mask, so pseudo-inverse and solver are exact: `y / mask` where it is not
 * 0, and `b / (mask² + damping)`.
 *
 * @throws TypeError for a mask that is not rank 4, not float32 or disposed; RangeError for an x that it
 * does not fit, and before the first step of a run for a mask that is not finite.
 *
 * Reference: Chung et al., Diffusion posterior sampling, 2023.
 */
export function inpainting({ mask }: InpaintingOptions): InpaintingOperator {
  checkImage('inpainting', 'mask', mask);
  const apply = (x: Tensor4D) => tf.mul(x, mask) as Tensor4D;
  const observed = (y: Tensor4D) =>
    tf.tidy(() => tf.where(tf.notEqual(mask, 0), y, tf.zerosLike(y)) as Tensor4D);
  const [batch, height, width, channels] = mask.shape;
  const known = [
    batch === 1 ? 'batch' : batch,
    height,
    width,
    channels === 1 ? 'channels' : channels,
  ];
  const operator = linearOperator({
    name: 'inpainting',
    checkShape: ({ shape }) => {
      checkLive('inpainting', 'mask', mask);
      const fits =
        (batch === 1 || batch === shape[0]) &&
        height === shape[1] &&
        width === shape[2] &&
        (channels === 1 || channels === shape[3]);
      checkRange(fits, 'inpainting', 'x.shape', `[${known.join(', ')}] as the mask`, shape);
    },
    forward: apply,
    observed,
    check: () => checkFinite('inpainting', 'mask', mask),
    adjoint: apply,
    spectrum: {
      values: () => tf.abs(mask),
      analyze: (x) => tf.clone(x),
      synthesize: (coefficients) => tf.clone(coefficients),
      analyzeMeasurement: (y) => tf.tidy(() => tf.mul(y, tf.sign(mask)) as Tensor4D),
    },
  });
  return {
    ...operator,
    decode: (y) => tf.tidy(() => fillMissing(operator.pseudoInverse(y), observed(tf.onesLike(y)))),
  };
}
