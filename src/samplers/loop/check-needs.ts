import { checkRange, checkType } from '../../internal/check';
import type { Noise } from '../../operators/noise/noise';
import type { ForwardOperator } from '../../operators/operator';
import type { Need, Sampler } from '../sampler';

type Rule = (owner: string, noise: Noise) => void;

/** The rules for the noise, by the need that asks for them. */
const noiseRules: Readonly<Partial<Record<Need, Rule>>> = {
  gaussian(owner, { std }) {
    const rule = 'Gaussian, such as gaussianNoise(0.01)';
    checkType(std !== undefined, owner, 'noise', rule, 'noise without a std');
  },
  likelihood(owner, { std }) {
    checkRange(std !== 0, owner, 'noise', 'above 0, such as gaussianNoise(0.01)', 'std 0');
  },
  noiseStd(owner, { std = 0 }) {
    const rule = 'Gaussian with std > 0, such as gaussianNoise(0.01)';
    checkRange(std > 0, owner, 'noise', rule, `std ${std}`);
  },
};

/**
 * Checks that a problem has what a sampler needs. A sampler that uses the noise has no default for it.
 *
 * @throws TypeError for an operator without the part, and for noise that is left out or not Gaussian;
 * RangeError for noise without a std > 0.
 */
export function checkNeeds(
  { name, needs = [] }: Pick<Sampler, 'name' | 'needs'>,
  { operator, noise }: { operator: ForwardOperator; noise?: Noise | undefined },
): void {
  for (const need of needs) {
    const rule = noiseRules[need];
    if (need === 'conditionalMean') {
      const has = need in operator || ('solve' in operator && 'pseudoInverse' in operator);
      const kind = 'one with conditionalMean, or a linear one with solve and pseudoInverse';
      checkType(has, name, 'operator', kind, operator.name);
      continue;
    }
    if (!rule) {
      const kind = need === 'isIdentity' ? 'identity(), for y = x + noise' : `one with ${need}`;
      checkType(need in operator, name, 'operator', kind, operator.name);
      continue;
    }
    const least = 'such as gaussianNoise(2 / 255), 1/255 of the range: the least of an 8-bit photo';
    checkType(noise !== undefined, name, 'noise', `given, ${least}`, noise);
    rule(name, noise!);
  }
}
