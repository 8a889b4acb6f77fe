import * as tf from '@tensorflow/tfjs';
import { psnr } from 'spgd';

/** How far an image may lie off, in pixels. */
const farthest = 4;

/**
 * PSNR in dB of an image at the shift where it is highest, to a quarter of a pixel, inside a border of 5 pixels: a blur
 * of any shape and its restoration may both be moved, in opposite directions.
 */
export function alignedPsnr(image: tf.Tensor4D, clean: tf.Tensor4D): number {
  const margin = farthest + 1;
  const [, height, width, channels] = clean.shape;
  const size = [1, height - 2 * margin, width - 2 * margin, channels] as const;
  const cut = (from: tf.Tensor4D, dy: number, dx: number) =>
    tf.slice(from, [0, margin + dy, margin + dx, 0], [...size]);
  const at = (dy: number, dx: number): number =>
    tf.tidy(() => {
      const bounded = tf.clipByValue(image, -1, 1);
      const [top, left] = [Math.floor(dy), Math.floor(dx)];
      const [v, u] = [dy - top, dx - left];
      const parts = [
        [0, 0, (1 - v) * (1 - u)],
        [0, 1, (1 - v) * u],
        [1, 0, v * (1 - u)],
        [1, 1, v * u],
      ] as const;
      const mixed = tf.addN(
        parts
          .filter(([, , share]) => share > 0)
          .map(([down, right, share]) => tf.mul(cut(bounded, top + down, left + right), share)),
      );
      return psnr(mixed as tf.Tensor4D, cut(clean, 0, 0)).dataSync()[0]!;
    });
  let best = { value: Number.NEGATIVE_INFINITY, dy: 0, dx: 0 };
  const tryAll = (centre: { dy: number; dx: number }, step: number, count: number) => {
    for (let i = -count; i <= count; i++)
      for (let j = -count; j <= count; j++) {
        const [dy, dx] = [centre.dy + i * step, centre.dx + j * step];
        if (Math.max(Math.abs(dy), Math.abs(dx)) > farthest) continue;
        const value = at(dy, dx);
        if (value > best.value) best = { value, dy, dx };
      }
  };
  tryAll(best, 1, farthest);
  for (const step of [0.5, 0.25]) tryAll(best, step, 1);
  return best.value;
}
