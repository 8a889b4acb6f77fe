import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { mirrorPad } from '../internal/mirror-pad';
import { linearOperator } from './linear-operator';
import type { Shape4D, SpectralOperator } from './operator';

/** The colours of the first four pixels of a Bayer filter: two of the first row, two of the second. */
export type BayerPattern = 'RGGB' | 'BGGR' | 'GRBG' | 'GBRG';

const patterns: readonly BayerPattern[] = ['RGGB', 'BGGR', 'GRBG', 'GBRG'];

/** Options of `demosaicing`. */
export interface DemosaicingOptions {
  /**
   * The colours of the first four pixels.
   * @default 'RGGB'
   */
  pattern?: BayerPattern;
}

/** The operator of demosaicing. */
export interface DemosaicingOperator extends SpectralOperator {
  /** Bilinear demosaicing: each missing colour is the mean of its nearest neighbours; it measures y. */
  decode(y: Tensor4D): Tensor4D;
}

/** 1 where a pixel sees a channel: `[1, height, width, 3]`. */
const maskOf = (pattern: BayerPattern, [, height, width]: Shape4D): Tensor4D =>
  tf.tidy(() => {
    const cell = tf.oneHot(
      [...pattern].map((colour) => 'RGB'.indexOf(colour)),
      3,
    );
    const tiles = [1, Math.ceil(height / 2), Math.ceil(width / 2), 1];
    const all = tf.tile(tf.reshape(tf.cast(cell, 'float32'), [1, 2, 2, 3]), tiles);
    return tf.slice(all, [0, 0, 0, 0], [1, height, width, 3]) as Tensor4D;
  });

/** Weights of the neighbours in bilinear interpolation of samples two pixels apart. */
const tent = () =>
  tf.tidy(() => {
    const line = tf.tensor1d([0.5, 1, 0.5]);
    return tf.reshape(tf.outerProduct(line, line), [3, 3, 1, 1]) as Tensor4D;
  });

/** Each channel of x with its neighbours, by the tent, the border mirrored. */
const spread = (x: Tensor4D): Tensor4D => {
  const [batch, height, width, channels] = x.shape;
  const padded = tf.transpose(mirrorPad(x, 1), [0, 3, 1, 2]);
  const planes = tf.reshape(padded, [batch * channels, height + 2, width + 2, 1]) as Tensor4D;
  const sums = tf.conv2d(planes, tent(), 1, 'valid');
  return tf.transpose(tf.reshape(sums, [batch, channels, height, width]), [0, 2, 3, 1]);
};

/**
 * The mosaic of a camera sensor with a Bayer filter: each pixel sees one of the three colours.
 *
 * `y = sum_c mask_c x_c`. Takes `[batch, height, width, 3]`, values in [-1, 1], of any size; gives
 * `[batch, height, width, 1]`. The singular values are 1, once a pixel, and 0; `A⁺y` has 0 for the
 * colours that a pixel does not see. Raw files hold linear light before white balance: give both the
 * tone of the photos that the prior knows first.
 *
 * @throws RangeError for an unknown pattern, and for an x without 3 channels.
 *
 * Reference: Bayer, "Color imaging array", US patent 3,971,065, 1976.
 */
export function demosaicing({ pattern = 'RGGB' }: DemosaicingOptions = {}): DemosaicingOperator {
  const isKnown = patterns.includes(pattern);
  checkRange(isKnown, 'demosaicing', 'pattern', `one of ${patterns.join(', ')}`, pattern);
  const placed = (y: Tensor4D) => tf.tidy(() => tf.mul<Tensor4D>(y, maskOf(pattern, y.shape)));
  const operator = linearOperator({
    name: 'demosaicing',
    checkShape: ({ shape }) =>
      checkRange(shape[3] === 3, 'demosaicing', 'x.shape', '[batch, height, width, 3]', shape),
    imageShape: ([batch, height, width]) => [batch, height, width, 3],
    forward: (x) => tf.tidy(() => tf.sum(tf.mul(x, maskOf(pattern, x.shape)), 3, true) as Tensor4D),
    adjoint: placed,
    spectrum: {
      values: (shape) => maskOf(pattern, shape),
      analyze: (x) => tf.clone(x),
      synthesize: (coefficients) => tf.clone(coefficients),
      analyzeMeasurement: placed,
    },
  });
  return {
    ...operator,
    decode: (y) =>
      tf.tidy(() => {
        const mask = maskOf(pattern, y.shape);
        const means = tf.div<Tensor4D>(spread(placed(y)), spread(mask));
        return tf.add<Tensor4D>(placed(y), tf.mul(means, tf.sub(1, mask)));
      }),
  };
}
