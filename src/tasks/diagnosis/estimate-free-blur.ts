import * as tf from '@tensorflow/tfjs';
import { type Blur, freeBlur, responseOf } from './blur';
import type { BlurEstimate } from './estimate-blur';
import { freeKernel } from './free-kernel';
import { seenThroughWindow } from './frequencies';
import type { GrayImage } from './gray-image';
import { spectraOf } from './spectra';

/** Kernels that were found wrongly, in smooth photos, had up to 28. */
const leastEvidence = 30;

/**
 * How much more evidence than the likeliest simple blur: a kernel of any shape follows the noise as well, and lines were
 * taken for streaks with 10.
 */
const clearlyMore = 20;

/** Sides of the part that is looked at. */
const [leastSide, mostSide] = [64, 160] as const;

/** The middle of an image as a square of at most `mostSide`. */
function squareOf({ values, height, width }: GrayImage): Float32Array {
  const side = Math.min(mostSide, height, width);
  const [top, left] = [(height - side) >> 1, (width - side) >> 1];
  return Float32Array.from(
    { length: side * side },
    (_, at) => values[(top + Math.floor(at / side)) * width + left + (at % side)]!,
  );
}

/** The variance of the values: how much there is to see. */
function contrastOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** The part of a photo with the most contrast; undefined where all are too small. */
const partOf = (regions: readonly GrayImage[]): Float32Array | undefined =>
  regions
    .filter(({ height, width }) => Math.min(height, width) >= leastSide)
    .map(squareOf)
    .sort((a, b) => contrastOf(b) - contrastOf(a))[0];

/**
 * A blur of any shape, where it explains the spectra of a photo clearly better than the simple blur that was found;
 * else that estimate. The kernel is looked for in one part of the photo, and all parts must agree to it. Regions
 * and noise as `estimateBlur` takes them.
 *
 * @param simple What `estimateBlur` found.
 */
export async function estimateFreeBlur(
  regions: readonly GrayImage[],
  noiseStd: number,
  errorStd: number,
  simple: BlurEstimate,
  grain?: ArrayLike<number>,
): Promise<BlurEstimate> {
  const part = partOf(regions);
  const spectra = spectraOf(regions, noiseStd, errorStd, grain);
  if (!part || !spectra) return simple;
  const side = Math.sqrt(part.length);
  const image = tf.tensor2d(part, [side, side]);
  const blur: Blur = freeBlur(await freeKernel(image));
  image.dispose();
  const evidence = spectra.evidence(seenThroughWindow(responseOf(blur)), spectra.sharp);
  if (evidence < Math.max(leastEvidence, simple.evidence + clearlyMore)) return simple;
  const confidence = 1 / (1 + Math.exp(simple.evidence - evidence));
  return { blur, cautious: blur, confidence, evidence, isBlurred: true };
}
