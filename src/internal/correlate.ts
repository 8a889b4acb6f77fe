import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { cut } from './cut';
import type { Tile } from './tiles';

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

/** Correlation with the part of a kernel in a band, of planes `[images, H, W]`, in blocks of columns. */
function correlateBand(
  x: Tensor3D,
  kernel: Tensor2D,
  { top, left, height, width }: Tile,
  [rows, outputs]: readonly [number, number],
): Tensor4D {
  return tf.tidy(() => {
    const filter = blockFilter(tf.slice(kernel, [top, left], [height, width]));
    const size = [rows + height - 1, (outputs + filter.shape[1] - 1) * lanes] as const;
    const near = cut(x, [top, left], size);
    const blocked = tf.reshape<tf.Rank.R4>(near, [-1, size[0], size[1] / lanes, lanes]);
    return tf.conv2d(blocked, filter, 1, 'valid');
  });
}

/**
 * Correlation of every channel with one `[h, w]` kernel, no padding: `[batch, H, W, channels]` to
 * `[batch, H - h + 1, W - w + 1, channels]`.
 *
 * @param bands Rectangles apart that hold all of the kernel but zeros.
 */
export function correlate(
  x: Tensor4D,
  kernel: Tensor2D,
  bands: readonly Tile[] = [{ top: 0, left: 0, height: kernel.shape[0], width: kernel.shape[1] }],
): Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const rows = height - kernel.shape[0] + 1;
    const columns = width - kernel.shape[1] + 1;
    const outputs = Math.ceil(columns / lanes);
    const planes = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [batch * channels, height, width]);
    // As far as the last block of a band reaches.
    const more = outputs * lanes - columns + 2 * (lanes - 1);
    const wide = tf.pad(planes as Tensor3D, [
      [0, 0],
      [0, 0],
      [0, more],
    ]);
    const sum = bands
      .map((band) => correlateBand(wide, kernel, band, [rows, outputs]))
      .reduce((total, next) => tf.add(total, next));
    const all: Tensor3D = tf.reshape(sum, [batch * channels, rows, outputs * lanes]);
    const exact = tf.reshape(cut(all, [0, 0], [rows, columns]), [batch, channels, rows, columns]);
    return tf.transpose(exact, [0, 2, 3, 1]) as Tensor4D;
  });
}

/** The transpose of `correlate`: correlation with the flipped kernel on a zero border. */
export function correlateTransposed(
  y: Tensor4D,
  kernel: Tensor2D,
  bands: readonly Tile[],
): Tensor4D {
  return tf.tidy(() => {
    const [rows, columns] = kernel.shape;
    const flipped = bands.map(({ top, left, height, width }) => ({
      top: rows - top - height,
      left: columns - left - width,
      height,
      width,
    }));
    const bordered = tf.pad(y, [
      [0, 0],
      [rows - 1, rows - 1],
      [columns - 1, columns - 1],
      [0, 0],
    ]);
    return correlate(bordered, tf.reverse(kernel), flipped);
  });
}
