import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** Neighbouring columns that one channel vector holds: a one-channel convolution wastes the lanes. */
const lanes = 8;

/**
 * The kernel as the filter of a convolution over blocks of `lanes` columns: `[h, blocks, lanes,
 * lanes]`, entry (u, q, i, j) being `kernel[u, q lanes + i - j]`, or 0 outside.
 */
function blockFilter(kernel: Tensor2D): Tensor4D {
  const [height, width] = kernel.shape;
  const blocks = Math.ceil((width + lanes - 1) / lanes);
  const shifted = Array.from({ length: lanes }, (_, j) =>
    tf.pad(kernel, [
      [0, 0],
      [j, blocks * lanes - width - j],
    ]),
  );
  return tf.reshape(tf.stack(shifted, 2), [height, blocks, lanes, lanes]);
}

/**
 * Correlation of every channel with one `[h, w]` kernel, no padding: `[batch, H, W, channels]` to
 * `[batch, H - h + 1, W - w + 1, channels]`.
 */
export function correlate(x: Tensor4D, kernel: Tensor2D): Tensor4D {
  return tf.tidy(() => {
    const filter = blockFilter(kernel);
    const [batch, height, width, channels] = x.shape;
    const columns = width - kernel.shape[1] + 1;
    const outputs = Math.ceil(columns / lanes);
    const inputs = outputs + filter.shape[1] - 1;
    const flat = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [batch * channels, height, width]);
    const wide = tf.pad(flat, [
      [0, 0],
      [0, 0],
      [0, inputs * lanes - width],
    ]);
    const blocked = tf.reshape(wide, [batch * channels, height, inputs, lanes]);
    const result = tf.conv2d(blocked as Tensor4D, filter, 1, 'valid');
    const rows = result.shape[1];
    const all = tf.reshape(result, [batch, channels, rows, outputs * lanes]);
    const cut = tf.slice(all, [0, 0, 0, 0], [batch, channels, rows, columns]);
    return tf.transpose(cut, [0, 2, 3, 1]) as Tensor4D;
  });
}

/** The transpose of `correlate`: correlation with the flipped kernel on a zero border. */
export function correlateTransposed(y: Tensor4D, kernel: Tensor2D): Tensor4D {
  return tf.tidy(() => {
    const [rows, columns] = kernel.shape.map((length): [number, number] => [
      length - 1,
      length - 1,
    ]);
    return correlate(tf.pad(y, [[0, 0], rows!, columns!, [0, 0]]), tf.reverse(kernel));
  });
}
