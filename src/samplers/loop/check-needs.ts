import { checkRange, checkType } from '../../internal/check';
import type { InverseProblem, Need } from '../sampler';

/**
 * Checks that a problem has what a sampler needs.
 *
 * @throws TypeError for an operator without the part, or noise that is not Gaussian; RangeError for
 * noise without a std > 0.
 */
export function checkNeeds(
  { name, needs = [] }: { name: string; needs?: readonly Need[] },
  { operator, noise }: InverseProblem,
): void {
  const parts: object = operator;
  for (const need of needs) {
    if (need === 'noiseStd') {
      const rule = 'Gaussian with std > 0, such as gaussianNoise(0.01)';
      checkRange((noise.std ?? 0) > 0, name, 'noise', rule, `std ${noise.std}`);
    } else if (need === 'gaussian') {
      const rule = 'Gaussian, such as gaussianNoise(0)';
      checkType(noise.std !== undefined, name, 'noise', rule, 'noise without a std');
    } else {
      checkType(need in parts, name, 'operator', `one with ${need}`, operator.name);
    }
  }
}
