import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import type { Shape4D } from '../operator';

/** A stream of random numbers that a seed fixes: the same on every backend, item by item. */
export interface Random {
  /** Standard normal numbers; item k depends on its own seed only, never on the batch. */
  normal(shape: Shape4D): Tensor4D;
  /** Poisson numbers of these rates; item k depends on its own seed and rates only. */
  poisson(rates: Tensor4D): Tensor4D;
}

/** The noise of a measurement, and the distance that its likelihood implies. */
export interface Noise {
  /** The noisy measurement, given the clean one. */
  add(clean: Tensor4D, random: Random): Tensor4D;
  /** Distance between predicted and actual measurement, one number an item: shape `[batch]`. */
  distance(predicted: Tensor4D, y: Tensor4D): Tensor1D;
  /** Standard deviation on the [-1, 1] scale, where the noise is Gaussian. */
  readonly std?: number;
}

/** Gaussian noise: all that samplers with a closed form for it know. */
export interface GaussianNoise extends Noise {
  /** Standard deviation on the [-1, 1] scale, >= 0. */
  readonly std: number;
}
