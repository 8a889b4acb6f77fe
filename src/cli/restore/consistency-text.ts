import type { Consistency } from 'spgd';
import type { Spread } from './photo-work';
import { inventedBeyond } from './spread';

/** `explains the photo: …` or `does not explain the photo: …`, with the number. */
export function consistencyText({ chiSquare, explains, limit, rms }: Consistency): string {
  if (chiSquare === undefined)
    return `lies ${rms.toFixed(4)} from what was measured; without noise there is nothing to compare with`;
  const verdict = explains ? 'explains the photo' : 'does not explain the photo';
  return (
    `${verdict}: its squared distance from what was measured is ${chiSquare.toFixed(2)} times the ` +
    `variance of the noise (about 1 is expected, at most ${limit.toFixed(2)} explains it)`
  );
}

/** How far samples differ, in a sentence or two. */
export function spreadText({ count, whole: { mean, invented }, isCalibrated }: Spread): string {
  const few = count < 4 ? ' Fewer than four samples tell little of a pixel: draw eight.' : '';
  const trust = isCalibrated
    ? 'The intervals are calibrated on photos with the usual damage of this task.'
    : 'The intervals are not calibrated for this task and sampler: take them as a comparison of places.';
  return (
    `A restored pixel has a standard deviation of ${mean.toFixed(1)} grey levels on average; ` +
    `${(100 * invented).toFixed(1)} % of them are invented: their 90 % interval reaches more than ` +
    `${inventedBeyond} grey levels from the mean. ${trust}${few}`
  );
}
