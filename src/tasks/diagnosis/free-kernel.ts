import * as tf from '@tensorflow/tfjs';
import { kernelStep } from './kernel-step';
import { sharpEdges } from './sharp-edges';
import { trimKernel } from './trim-kernel';

/** Sides of the kernels, from coarse to fine; the last is that of the result. */
const sizes = [5, 7, 11, 15, 21] as const;

/** Alternations at each size. */
const rounds = 5;

/** Weight of an edge in the first round, what it is divided by after each, and the least. */
const [firstWeight, fall, leastWeight] = [4e-3, 1.1, 1e-4] as const;

/** Weight of the taps. */
const ridge = 0.02;

/**
 * Takes `from` places to `to` by a tent: enlarges linearly, and reduces without aliasing. `[to, from]`, each
 * row of sum 1.
 */
function resampling(from: number, to: number): tf.Tensor2D {
  const width = Math.max(1, from / to);
  const rows = Array.from({ length: to }, (_, row) => {
    const centre = ((row + 0.5) * from) / to - 0.5;
    const tent = Array.from({ length: from }, (__, at) =>
      Math.max(0, 1 - Math.abs(at - centre) / width),
    );
    const sum = tent.reduce((total, value) => total + value, 0);
    return tent.map((value) => value / sum);
  });
  return tf.tensor2d(rows, [to, from]);
}

/** A square image with another side. */
const resized = (image: tf.Tensor2D, side: number): tf.Tensor2D =>
  tf.tidy(() => {
    const matrix = resampling(image.shape[0], side);
    return tf.matMul(tf.matMul(matrix, image), matrix, false, true);
  });

const rowsOf = (taps: ArrayLike<number>, size: number): number[][] =>
  Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (__, column) => taps[row * size + column]!),
  );

/** The kernel at the next size. */
async function enlarged(taps: Float64Array, size: number): Promise<Float64Array> {
  const before = Math.sqrt(taps.length);
  const image = tf.tidy(() =>
    resized(tf.tensor2d(Float32Array.from(taps), [before, before]), size),
  );
  const values = Float64Array.from(await image.data());
  image.dispose();
  return trimKernel(values);
}

/** Two taps in the middle: from one alone, the kernel of no blur, nothing would move. */
function firstKernel(size: number): Float64Array {
  const taps = new Float64Array(size * size);
  const middle = (taps.length - 1) / 2;
  taps[middle] = taps[middle - 1] = 0.5;
  return taps;
}

/**
 * A blur kernel of any shape, from a blurred image alone: the edges that are left of the image when it is sharpened
 * with the kernel so far, and the kernel that blurs them to what was seen, in turn, from coarse to fine.
 *
 * @param image `[n, n]`, values in [-1, 1], n at least 64.
 * @returns A correlation kernel `[21, 21]`, non-negative, with sum 1, its centre of mass in the middle.
 *
 * Reference: after Pan, Hu, Su and Yang, "Deblurring text images via L0-regularized intensity and gradient prior",
 * CVPR 2014, with the gradients alone.
 */
export async function freeKernel(image: tf.Tensor2D): Promise<number[][]> {
  const whole = image.shape[0];
  const finest = sizes.at(-1)!;
  let weight: number = firstWeight;
  let taps = firstKernel(sizes[0]);
  for (const size of sizes) {
    if (size !== sizes[0]) taps = await enlarged(taps, size);
    const side = Math.round((whole * size) / finest);
    const y = tf.tidy(() => resized(tf.div(tf.add(image, 1), 2), side));
    const seen = await y.data();
    for (let round = 0; round < rounds; round++) {
      const x = sharpEdges(y, rowsOf(taps, size), weight);
      taps = trimKernel(kernelStep(await x.data(), seen, side, taps, ridge));
      x.dispose();
      weight = Math.max(weight / fall, leastWeight);
    }
    y.dispose();
  }
  return rowsOf(taps, finest);
}
