import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkRange } from '../internal/check';
import { checkSeed, uniformGenerator } from '../internal/random';

/** Options of `boxMask`. */
export interface BoxMaskOptions {
  /** Height of the image in pixels. */
  height: number;
  /** Width of the image in pixels. */
  width: number;
  /** Height of the box in pixels, at most the image's. */
  boxHeight: number;
  /** Width of the box in pixels, at most the image's. */
  boxWidth: number;
  /**
   * First row of the box.
   * @default drawn by the seed; without one, the box is in the middle
   */
  top?: number;
  /**
   * First column of the box.
   * @default drawn by the seed; without one, the box is in the middle
   */
  left?: number;
  /** Any integer: draws the position that is not given. */
  seed?: number;
  /**
   * Pixels that a drawn position keeps from every border.
   * @default 0
   */
  margin?: number;
}

/**
 * A mask that hides one box: `[1, height, width, 1]`, 0 inside the box and 1 outside.
 *
 * The caller disposes it. Throws `RangeError` for sizes that are no positive integers, and for a box
 * that does not lie inside the image.
 */
export function boxMask(options: BoxMaskOptions): Tensor4D {
  const { height, width, boxHeight, boxWidth, seed, margin = 0 } = options;
  for (const option of ['height', 'width', 'boxHeight', 'boxWidth'] as const)
    checkInteger('boxMask', option, options[option], 1);
  checkInteger('boxMask', 'margin', margin, 0);
  if (seed !== undefined) checkSeed('boxMask', 'seed', seed);
  const uniform = seed === undefined ? undefined : uniformGenerator('mask', seed);
  const place = (size: number, box: number, option: 'boxHeight' | 'boxWidth') => {
    const room = size - box - (uniform ? 2 * margin : 0);
    const rule = uniform && margin ? `at most ${size} - 2 * margin` : `at most ${size}`;
    checkRange(room >= 0, 'boxMask', option, rule, box);
    return uniform ? margin + Math.floor(uniform() * (room + 1)) : Math.floor(room / 2);
  };
  const drawn = {
    top: place(height, boxHeight, 'boxHeight'),
    left: place(width, boxWidth, 'boxWidth'),
  };
  const { top = drawn.top, left = drawn.left } = options;
  const inside = (at: number, box: number, size: number) =>
    Number.isInteger(at) && at >= 0 && at + box <= size;
  const rule = (room: number) => `an integer in [0, ${room}]`;
  checkRange(inside(top, boxHeight, height), 'boxMask', 'top', rule(height - boxHeight), top);
  checkRange(inside(left, boxWidth, width), 'boxMask', 'left', rule(width - boxWidth), left);
  const values = new Float32Array(height * width).fill(1);
  for (let row = top; row < top + boxHeight; row++)
    values.fill(0, row * width + left, row * width + left + boxWidth);
  return tf.tensor4d(values, [1, height, width, 1]);
}
