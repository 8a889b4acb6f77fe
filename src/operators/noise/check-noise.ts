import { checkType } from '../../internal/check';
import type { Noise } from './noise';

/** `TypeError` unless this is a `Noise`: a bare standard deviation is an easy mistake. */
export function checkNoise(owner: string, noise: Noise): void {
  const valid =
    typeof Object(noise).add === 'function' && typeof Object(noise).residual === 'function';
  checkType(valid, owner, 'noise', 'a Noise such as gaussianNoise(0.01)', noise);
}
