import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { LinearOperator } from 'spgd';
import type { Baseline } from './baseline';

/** A linear operator that knows how viewers show its measurement. */
export interface DecodingOperator extends LinearOperator {
  /** An image as viewers show y. */
  decode(y: Tensor4D): Tensor4D;
}

/** The measurement as viewers show it: a JPEG as decoders do, a mosaic by bilinear interpolation. */
export const decoded: Baseline<DecodingOperator> = {
  name: 'decoded',
  restore: ({ operator, measurement }) =>
    tf.tidy(() => tf.clipByValue(operator.decode(measurement), -1, 1)),
};
