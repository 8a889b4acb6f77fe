import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { checkImage } from './check-image';
import { linearOperator } from './linear-operator';
import type { SpectralOperator } from './operator';

/** Options of `inpainting`. */
export interface InpaintingOptions {
  /**
   * `[1 or batch, height, width, 1 or channels]`, float32: 1 = known, 0 = missing; any other number
   * is the weight with which a pixel is measured. It stays the caller's: the operator never disposes
   * it, and works as long as it lives.
   */
  mask: Tensor4D;
}

/**
 * Missing pixels: `y = mask * x`, with 0 in the place of what is missing.
 *
 * Takes and gives `[batch, height, width, channels]`, values in [-1, 1]. The singular values are
 * those of the mask, so pseudo-inverse and solver are exact: `y / mask` where it is not 0, and
 * `b / (mask² + damping)`. The values of the mask are not read back.
 *
 * Throws `TypeError` for a mask that is no image tensor, and `RangeError` for an x it does not fit.
 *
 * Reference: Chung et al., Diffusion posterior sampling, 2023.
 */
export function inpainting({ mask }: InpaintingOptions): SpectralOperator {
  checkImage('inpainting', 'mask', mask);
  const apply = (x: Tensor4D) => tf.mul(x, mask) as Tensor4D;
  const [batch, height, width, channels] = mask.shape;
  const known = [
    batch === 1 ? 'batch' : batch,
    height,
    width,
    channels === 1 ? 'channels' : channels,
  ];
  return linearOperator({
    name: 'inpainting',
    checkShape: ({ shape }) => {
      const fits =
        (batch === 1 || batch === shape[0]) &&
        height === shape[1] &&
        width === shape[2] &&
        (channels === 1 || channels === shape[3]);
      checkRange(fits, 'inpainting', 'x.shape', `[${known.join(', ')}] as the mask`, shape);
    },
    forward: apply,
    adjoint: apply,
    spectrum: {
      values: () => tf.abs(mask),
      analyze: (x) => tf.clone(x),
      synthesize: (coefficients) => tf.clone(coefficients),
      analyzeMeasurement: (y) => tf.tidy(() => tf.mul(y, tf.sign(mask)) as Tensor4D),
    },
  });
}
