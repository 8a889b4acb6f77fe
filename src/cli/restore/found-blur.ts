import type { Pixels } from 'spgd/node';
import { type Blur, type BlurEstimate, blurKernel, doubtOf, spreadOf } from 'spgd/tasks';
import type { ChosenTask } from './choose-task';
import { blankPixels } from './photo-pixels';

/** Least spread of a blur that is worth undoing, in pixels. */
const leastSpread = 0.8;

/** The blur that an estimate is sure of, where it is worth undoing. */
export function foundBlur(estimate: BlurEstimate | undefined): Blur | undefined {
  if (!estimate?.blur || !estimate.isBlurred) return undefined;
  return spreadOf(estimate.blur) >= leastSpread ? estimate.blur : undefined;
}

const rounded = (value: number): number => Number(value.toFixed(2));

/** A blur in words: `a Gaussian blur of 2.1 pixels`. */
function nameOf(blur: Blur): string {
  const size = blur.size.toFixed(1);
  if (blur.kind === 'gaussian') return `a Gaussian blur of ${size} pixels`;
  if (blur.kind === 'disc') return `a blur out of focus, a disc of radius ${size}`;
  if (blur.kind === 'line')
    return `a blur by a movement of ${size} pixels along ${blur.angle.toFixed(0)}°`;
  return `a blur by a shaking camera, as wide as a movement of ${size} pixels`;
}

/** What is said of a blur, with how sure it is. */
export const blurText = ({ blur, confidence }: BlurEstimate): string =>
  `${nameOf(blur!)} (confidence ${Math.round(100 * confidence)} %)`;

/** The task that undoes a blur as far as it is certain, and its description. */
export function taskOfBlur(estimate: BlurEstimate): ChosenTask {
  const { kind, size } = estimate.cautious!;
  const doubt = doubtOf(estimate);
  const reason = `${nameOf(estimate.blur!)} is found, and ${size.toFixed(1)} of it undone`;
  const said = { reason, ...(doubt && { doubt }) };
  if (kind === 'gaussian') return { task: 'gaussian-blur', blurStd: rounded(size), ...said };
  if (kind === 'disc') return { task: 'defocus-blur', blurRadius: rounded(size), ...said };
  return { task: 'motion-blur', kernel: blurKernel(estimate.cautious!), ...said };
}

/** The picture of a point of light under a blur, white on black, as `--kernel` takes it. */
export function kernelPicture({ blurStd, blurRadius, kernel }: ChosenTask): Pixels | undefined {
  const rows =
    kernel ??
    (blurStd !== undefined
      ? blurKernel({ kind: 'gaussian', size: blurStd })
      : blurRadius !== undefined && blurKernel({ kind: 'disc', size: blurRadius }));
  if (!rows) return undefined;
  const flat = rows.flat().reverse();
  const brightest = Math.max(...flat);
  const picture = blankPixels([rows.length, rows.length, 1], 255);
  flat.forEach((value, at) => {
    picture.values[at] = Math.round((255 * value) / brightest);
  });
  return picture;
}
