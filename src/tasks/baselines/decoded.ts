import * as tf from '@tensorflow/tfjs';
import type { JpegOperator } from 'spgd';
import type { Baseline } from './baseline';

/** The picture of a JPEG as decoders show it. */
export const decoded: Baseline<JpegOperator> = {
  name: 'decoded',
  restore: ({ operator, measurement }) =>
    tf.tidy(() => tf.clipByValue(operator.decode(measurement), -1, 1)),
};
