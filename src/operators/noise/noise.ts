import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import type { Shape4D } from '../operator';

/** A stream of random numbers that a seed fixes: the same on every backend, item by item. */
export interface Random {
  /** Standard normal numbers; item k depends on its own seed only, never on the batch. */
  normal(shape: Shape4D): Tensor4D;
  /** Poisson numbers of these rates; item k depends on its own seed and rates only. */
  poisson(rates: Tensor4D): Tensor4D;
}

/** The noise of a measurement: how it is added, and how well a prediction fits it. */
export interface Noise {
  /** The noisy measurement, given the clean one. */
  add(clean: Tensor4D, random: Random): Tensor4D;
  /**
   * The residual `sum (predicted - y)²`, one number an item, `[batch]`. Guidance follows its gradient;
   * its scale does not depend on the noise, so a step size found for one noise suits another.
   */
  residual(predicted: Tensor4D, y: Tensor4D): Tensor1D;
  /**
   * `-log p(y | predicted)` up to a constant, one number an item, `[batch]`. Samplers that draw from
   * the posterior need it. It throws where the noise is 0, which has no density.
   */
  negLogLikelihood(predicted: Tensor4D, y: Tensor4D): Tensor1D;
  /** Standard deviation on the [-1, 1] scale, where the noise is Gaussian. */
  readonly std?: number;
  /**
   * The largest error of a measurement, where there is one, on the [-1, 1] scale. A run ends with an
   * image within it; the operator then needs independent measurements and `pseudoInverse`.
   */
  readonly bound?: number;
}

/** Gaussian noise: what samplers with a closed form need. */
export interface GaussianNoise extends Noise {
  /** Standard deviation on the [-1, 1] scale, >= 0. */
  readonly std: number;
}
