import type { Tensor2D } from '@tensorflow/tfjs';
import { checkRange, checkType } from '../internal/check';

/** Features `[samples, features]`, at least two samples. */
export function checkSamples(owner: string, option: string, [samples]: readonly number[]): void {
  const rule = 'of at least 2 samples';
  checkRange(samples! >= 2, owner, option, rule, samples);
}

/**
 * The Fréchet distance between two sets of features, each modelled as a Gaussian:
 * `|mean_a - mean_b|² + trace(C_a + C_b - 2 sqrt(C_a C_b))`, C the unbiased covariance.
 *
 * Takes `[samples, features]` each, at least two samples; fewer samples than features are allowed.
 * Computed in float64 outside TensorFlow.js. Throws `RangeError` for too few samples and for two
 * numbers of features.
 *
 * Reference: Dowson & Landau, The Fréchet distance between multivariate normal distributions, 1982.
 */
export async function frechetDistance(a: Tensor2D, b: Tensor2D): Promise<number> {
  const owner = 'frechetDistance';
  for (const [name, features] of [
    ['a', a],
    ['b', b],
  ] as const) {
    const shape = features?.shape;
    checkType(shape?.length === 2, owner, name, 'a tensor [samples, features]', shape ?? features);
    checkSamples(owner, name, shape);
  }
  const width = a.shape[1];
  checkRange(b.shape[1] === width, owner, 'b', `of ${width} features`, b.shape[1]);
  const [left, right] = await Promise.all([a.data(), b.data()]);
  const { frechetOf } = await import('./frechet-of');
  return frechetOf(left, right, width);
}
