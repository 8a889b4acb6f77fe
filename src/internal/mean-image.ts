import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** The mean of images of one shape; the caller disposes it. */
export const meanImage = (images: readonly Tensor4D[]): Tensor4D =>
  tf.tidy(() => {
    // Not `tf.addN`: on WebGPU it is wrong for more than seven terms.
    const sum = images.reduce((total, image) => tf.add<Tensor4D>(total, image));
    return tf.div<Tensor4D>(sum, images.length);
  });
