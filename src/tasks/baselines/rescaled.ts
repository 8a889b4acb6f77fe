import * as tf from '@tensorflow/tfjs';
import type { Baseline } from './baseline';

/** Exposure undone where nothing was cut off: `y / scale`. What was cut off stays flat. */
export const rescaled = (scale: number): Baseline => ({
  name: 'rescaled',
  restore: ({ measurement }) => tf.tidy(() => tf.div(measurement, scale) as tf.Tensor4D),
});
