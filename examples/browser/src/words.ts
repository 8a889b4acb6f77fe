import { type Diagnosis, removalLevel, spreadOf } from 'spgd/tasks';

/** A time as a person says it. */
export function spoken(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A number of bytes as a person says it. */
export const megabytes = (bytes: number): string =>
  bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

/** Noise in words, and up to which standard deviation each holds. */
export const noiseWords = [
  { word: 'none', std: 0.0025, below: 0.012 },
  { word: 'faint', std: 0.025, below: 0.04 },
  { word: 'visible', std: 0.07, below: 0.1 },
  { word: 'strong', std: 0.17, below: 0.25 },
  { word: 'very strong', std: 0.4, below: Infinity },
] as const;

/** Blur in words, and up to how many pixels each holds. */
export const blurWords = [
  { word: 'slight', std: 1, below: 1.3 },
  { word: 'clear', std: 1.8, below: 2.5 },
  { word: 'strong', std: 3.2, below: Infinity },
] as const;

/** The word for a value. */
export const wordFor = <T extends { readonly word: string; readonly below: number }>(
  words: readonly T[],
  value: number,
): T => words.find(({ below }) => value < below)!;

/** Noise of an 8-bit file is at least its rounding; that of a JPEG at least its errors. */
export function noiseOf({ noise, isGray }: Diagnosis, isLossy: boolean): number {
  const least = isLossy ? 0.03 : 0.0025;
  if (!noise) return least;
  // Of a grey photo the prior sees one channel.
  return Math.max(least, removalLevel(isGray ? { ...noise, sharedStd: noise.std } : noise));
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

/** What was found in a photo, in one sentence. */
export function found(diagnosis: Diagnosis): string {
  const { noise, blur, clipped, isGray } = diagnosis;
  const word = wordFor(noiseWords, noise?.std ?? 0).word;
  const parts = [`Noise: ${word}`];
  if (!blur) parts.push('sharpness: too few edges to tell');
  else if (!blur.isBlurred) parts.push('edges: sharp');
  else {
    const moved = blur.blur?.kind === 'line' ? ', as after a movement' : '';
    parts.push(`blur: ${wordFor(blurWords, spreadOf(blur.blur!)).word}${moved}`);
  }
  if (clipped.bright > 0.01) parts.push(`over-exposed: ${percent(clipped.bright)}`);
  if (clipped.dark > 0.1) parts.push(`black: ${percent(clipped.dark)}`);
  if (isGray) parts.push('no colour');
  return `${parts.join('; ')}.`;
}

/** The standard deviation in pixels of a blur that is the same in all directions; 0 where there is none. */
export const softness = (estimate: Diagnosis['blur']): number =>
  estimate?.isBlurred && estimate.blur && estimate.blur.kind !== 'line'
    ? spreadOf(estimate.blur)
    : 0;

/** The task that a diagnosis suggests; undefined where nothing is wrong. */
export function suggested({ noise, blur }: Diagnosis): 'denoise' | 'deblur' | undefined {
  const std = noise?.std ?? 0;
  const spread = softness(blur);
  if (spread >= 1 && spread > 10 * std) return 'deblur';
  return std >= 0.012 ? 'denoise' : undefined;
}
