import type { JpegFile } from 'spgd';
import { type Pixels, useBackend } from 'spgd/node';
import {
  type Blur,
  type Diagnosis,
  diagnose,
  diagnoseBlur,
  doubtOf,
  noiseKind,
  spreadOf,
} from 'spgd/tasks';
import { type ChosenTask, isBlind } from './choose-task';
import { blurText, foundBlur, taskOfBlur } from './found-blur';
import { isCompressed, type JpegPhoto, jpegOf, jpegText } from './jpeg-photo';
import { judgeNoise, lookedAt, type PhotoNoise } from './photo-noise';
import { isLossy } from './photo-notes';
import { type RestoreOptions, usageError } from './restore-options';

/** What was found out about a photo that nobody described. */
export interface PhotoDiagnosis extends Diagnosis {
  readonly path: string;
  readonly height: number;
  readonly width: number;
  /** The noise that is restored from, at least that of its format. */
  readonly treated: PhotoNoise & { readonly isFound: boolean };
  /** Its coefficients, or why they are not read; undefined for another format. */
  readonly jpeg?: JpegPhoto;
}

/** Looks at a photo: at its middle, where it is large; for a blur of any shape only where it was asked for. */
export async function diagnosePhoto(
  path: string,
  photo: Pixels,
  options: RestoreOptions,
): Promise<PhotoDiagnosis> {
  const jpeg = await jpegOf(path, photo, options);
  const errorStd = jpeg && 'file' in jpeg ? jpeg.file.errorLevel : 0;
  if (isBlind(options)) await useBackend(options.backend);
  const look = isBlind(options) ? diagnoseBlur : diagnose;
  const diagnosis = await look(...lookedAt(photo), errorStd);
  const [height, width] = photo.shape;
  const judged = judgeNoise(diagnosis.noise, isLossy(photo));
  const treated =
    !judged.isFound && jpeg && 'file' in jpeg ? jpegErrors(jpeg.file, diagnosis) : judged;
  return { path, height, width, ...diagnosis, treated, ...(jpeg && { jpeg }) };
}

/**
 * The errors of a JPEG as noise, with the noise that it left: blurred crops of quality 85 were restored
 * best at 0.7 of the level at which its decoded picture is denoised.
 */
const jpegErrors = ({ errorLevel }: JpegFile, { noise }: Diagnosis) => ({
  std: Math.hypot(0.7 * errorLevel, noise?.sharedStd ?? 0),
  source: 'the errors of a JPEG',
  isFound: false,
});

/** How strong noise looks, by its standard deviation on [-1, 1]. */
const strengths = [
  [0.04, 'faint'],
  [0.1, 'visible'],
  [0.25, 'strong'],
  [Infinity, 'very strong'],
] as const;

/** Weakest noise that is removed without being asked for: one and a half grey levels. */
const leastNoise = 0.012;

/** The noise that is more than that of the format; 0 where there is none. */
const noiseOf = ({ treated, noise }: PhotoDiagnosis): number => (treated.isFound ? noise!.std : 0);

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** What is found, in one line. */
export function diagnosisText(diagnosis: PhotoDiagnosis): string {
  const { blur, clipped, isGray, jpeg } = diagnosis;
  const noise = noiseOf(diagnosis);
  const found: string[] = [];
  if (jpeg && 'file' in jpeg) found.push(jpegText(jpeg.file));
  else if (isGray) found.push('a grey photo');
  if (noise >= leastNoise) {
    const [, strength] = strengths.find(([below]) => noise < below)!;
    found.push(`${strength} noise of ${noise.toFixed(3)}`);
  } else found.push('hardly any noise');
  if (!blur) found.push('too small to judge its sharpness');
  else found.push(foundBlur(blur) ? blurText(blur) : 'hardly any blur');
  if (clipped.bright > 0.01) found.push(`${percent(clipped.bright)} of it over-exposed`);
  if (clipped.dark > 0.1) found.push(`${percent(clipped.dark)} of it black`);
  return found.join('; ');
}

/** Pixels of a photo's longer side that a screen shows about. */
const screen = 2000;

/** Whether a blur is wider than a pixel where the photo fills a screen. */
const isSeen = (blur: Blur, { height, width }: PhotoDiagnosis): boolean =>
  spreadOf(blur) >= Math.max(height, width) / screen;

/**
 * The task of a photo that nothing else describes: its compression, its blur, or its noise; its blur alone
 * where that is to be looked for. To undo a blur takes many times as long as noise: one that is uncertain and too narrow
 * to be seen is left where there is something else to do.
 */
export function taskFor(found: PhotoDiagnosis, options: RestoreOptions): ChosenTask {
  const { path, treated, blur, jpeg } = found;
  const noise = noiseOf(found);
  const blurred = foundBlur(blur);
  if (isBlind(options)) {
    if (blurred) return taskOfBlur(blur!);
    throw usageError(
      `no blur is found in ${path} with certainty, so it is left as it is: give --blur-std, --blur-radius or a --kernel file`,
    );
  }
  // A blur spoils more than the compression after it, whose errors are noise to its restoration; but the losses
  // of a JPEG, and a texture under large grain, pass for a disc or a line.
  const isJpeg = jpeg && 'file' in jpeg && isCompressed(jpeg.file, noise);
  const isGrain = found.noise !== undefined && noiseKind(found.noise) === 'correlated';
  const isCertain =
    !(isJpeg || isGrain) || (blurred?.kind === 'gaussian' && blur!.confidence >= 0.75);
  const spoils = blurred && isCertain && spreadOf(blurred) > 10 * noise;
  if (spoils && (isSeen(blurred, found) || !doubtOf(blur!))) return taskOfBlur(blur!);
  if (isJpeg) return { task: 'jpeg', reason: 'its losses are found' };
  if (noise >= leastNoise)
    return { task: 'denoising', reason: `noise of ${treated.std.toFixed(3)} is found` };
  if (spoils) return taskOfBlur(blur!);
  throw usageError(
    `what happened to ${path}? Found: ${diagnosisText(found)}. Give --task, or --mask, --kernel, --scale or --blur-std`,
  );
}
