import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive } from '../internal/check';
import { checkImage } from './check-image';
import type { ForwardOperator } from './operator';

/** Options of `highDynamicRange`. */
export interface HighDynamicRangeOptions {
  /**
   * Exposure factor, > 0: what it lifts past [-1, 1] is cut off.
   * @default 2
   */
  scale?: number;
}

/**
 * Over-exposure: `y = clip(scale * x, -1, 1)`, with gradient 0 where it clips. Not linear.
 *
 * Takes and gives `[batch, height, width, channels]`, values in [-1, 1]. Throws `RangeError` for a
 * scale <= 0.
 *
 * Reference: Mardani et al., A variational perspective on solving inverse problems, 2023.
 */
export function highDynamicRange({ scale = 2 }: HighDynamicRangeOptions = {}): ForwardOperator {
  checkPositive('highDynamicRange', 'scale', scale);
  return {
    name: 'highDynamicRange',
    reach: 0,
    forward(x) {
      checkImage('highDynamicRange', 'x', x);
      return tf.tidy(() => tf.clipByValue(tf.mul(x, scale) as Tensor4D, -1, 1));
    },
  };
}
