import type { Consistency } from 'spgd';
import type { Spread } from './photo-work';
import { inventedBeyond } from './spread';

/** A draw from the posterior lies about as far from y as the noise; half of it is an estimate that fits y. */
const followed = 0.5;

/** `explains the photo: …` or `does not explain the photo: …`, with the number. */
export function consistencyText({ chiSquare, explains, limit, rms }: Consistency): string {
  const away = `${(rms * 127.5).toFixed(1)} grey levels from what was measured`;
  if (chiSquare === undefined)
    return `lies ${away}; without noise there is nothing to compare with`;
  const noise = chiSquare < followed ? '; so far below 1, it follows the noise' : '';
  const verdict = explains ? 'explains the photo' : 'does not explain the photo';
  return (
    `${verdict}: it lies ${away}, ${chiSquare.toFixed(2)} times the variance of the noise ` +
    `(about 1 is expected, at most ${limit.toFixed(2)} explains it${noise})`
  );
}

/** How far samples differ, in a sentence or two. */
export function spreadText({ whole: { mean, invented }, isCalibrated }: Spread): string {
  const trust = isCalibrated
    ? 'The intervals are calibrated for this task and sampler.'
    : 'The intervals are not calibrated for this task and sampler: take them as a comparison of places.';
  return (
    `A restored pixel has a standard deviation of ${mean.toFixed(1)} grey levels on average; ` +
    `${(100 * invented).toFixed(1)} % of them are invented: their 90 % interval reaches more than ` +
    `${inventedBeyond} grey levels from the mean. ${trust}`
  );
}
