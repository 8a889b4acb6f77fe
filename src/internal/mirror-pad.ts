import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

function padAxis(x: Tensor4D, axis: 1 | 2, border: number): Tensor4D {
  const part = (from: number) => {
    const begin: [number, number, number, number] = [0, 0, 0, 0];
    const size: [number, number, number, number] = [...x.shape];
    begin[axis] = from;
    size[axis] = border;
    return tf.reverse(tf.slice(x, begin, size), axis);
  };
  return tf.concat([part(0), x, part(x.shape[axis] - border)], axis);
}

/** Pads height and width by mirroring, the border pixel repeated, `border <= size`. */
export const mirrorPad = (x: Tensor4D, border: number): Tensor4D =>
  tf.tidy(() => padAxis(padAxis(x, 1, border), 2, border));
