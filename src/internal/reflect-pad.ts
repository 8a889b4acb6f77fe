import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { cut } from './cut';

/** Where a position outside `[0, size)` lies after reflection about the border pixels. */
export const reflectIndex = (position: number, size: number): number =>
  position < 0 ? -position : position >= size ? 2 * size - 2 - position : position;

/** `length` rows (axis 1) or columns (axis 2), tidied by the caller; without a gradient. */
export function part(x: Tensor4D, axis: 1 | 2, from: number, length: number): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const flat: Tensor3D = tf.reshape(x, [batch, height, width * channels]);
  return axis === 1
    ? tf.reshape(cut(flat, [from, 0], [length, width * channels]), [batch, length, width, channels])
    : tf.reshape(cut(flat, [0, from * channels], [height, length * channels]), [
        batch,
        height,
        length,
        channels,
      ]);
}

/** Zeros put before and after along one axis. */
function zeroPad(x: Tensor4D, axis: 1 | 2, before: number, after: number): Tensor4D {
  const paddings: [number, number][] = [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  paddings[axis] = [before, after];
  return tf.pad(x, paddings);
}

function padAxis(x: Tensor4D, axis: 1 | 2, border: number): Tensor4D {
  const size = x.shape[axis];
  const before = tf.reverse(part(x, axis, 1, border), axis);
  const after = tf.reverse(part(x, axis, size - 1 - border, border), axis);
  return tf.concat([before, x, after], axis);
}

function foldAxis(x: Tensor4D, axis: 1 | 2, border: number): Tensor4D {
  const size = x.shape[axis] - 2 * border;
  const rest = size - 1 - border;
  const before = tf.reverse(part(x, axis, 0, border), axis);
  const after = tf.reverse(part(x, axis, size + border, border), axis);
  return tf.addN([
    part(x, axis, border, size),
    zeroPad(before, axis, 1, rest),
    zeroPad(after, axis, rest, 1),
  ]);
}

/**
 * Pads height and width by reflection, `border < size`. Not `tf.mirrorPad`: its gradient drops the
 * border terms.
 */
export const reflectPad = (x: Tensor4D, border: number): Tensor4D =>
  tf.tidy(() => padAxis(padAxis(x, 1, border), 2, border));

/** The transpose of `reflectPad`: adds the border back to the pixels it was copied from. */
export const reflectFold = (x: Tensor4D, border: number): Tensor4D =>
  tf.tidy(() => foldAxis(foldAxis(x, 2, border), 1, border));
