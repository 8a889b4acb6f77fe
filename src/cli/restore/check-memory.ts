import { totalmem } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { usageError } from './restore-options';

const gigabyte = 2 ** 30;

/** Images as large as the result that a tiled run holds at its peak, about. */
const imagesAtOnce = 24;

/**
 * Refuses an image that would not fit into memory, before any work: what a backend lacks shows only
 * late, and WebAssembly overwrites other numbers.
 */
export function checkMemory(
  [, height, width, channels]: readonly [number, number, number, number],
  backend: string,
): void {
  const needed = imagesAtOnce * 4 * height * width * channels + tf.memory().numBytes;
  const [has, where] =
    backend === 'wasm' ? [3.5 * gigabyte, 'WebAssembly has'] : [totalmem(), 'there are'];
  if (needed <= has) return;
  const fits = ((has - tf.memory().numBytes) / (imagesAtOnce * 4 * channels * 1e6)).toFixed(0);
  throw usageError(
    `${width} x ${height} pixels at once need ${(needed / gigabyte).toFixed(1)} GiB, and ${where} ` +
      `${(has / gigabyte).toFixed(1)}, enough for ${fits} megapixels: shrink the photo with --size, ` +
      'mark damaged places with --mask, or use native TensorFlow',
  );
}
