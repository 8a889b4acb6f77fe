import { checkRange } from '../../internal/check';
import type { Denoiser } from '../../models/denoiser';
import type { NoiseSchedule } from '../../schedulers/schedule';

/**
 * Checks that a denoiser covers the noise levels that steps start from: all of a schedule but the
 * last.
 *
 * @throws RangeError naming the level that its `sigmaRange` does not contain.
 */
export function checkSigmaRange(
  owner: string,
  { sigmaRange: [lowest, highest] = [0, Infinity] }: Denoiser,
  schedule: NoiseSchedule,
): void {
  const outside = schedule.slice(0, -1).find((sigma) => sigma < lowest || sigma > highest);
  const rule = `within the sigmaRange of the denoiser, ${lowest} to ${highest}`;
  checkRange(outside === undefined, owner, 'schedule', rule, outside);
}
