import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { itemRandom, itemSeeds } from '../internal/random';
import { checkImage } from './check-image';
import { checkNoise } from './noise/check-noise';
import { gaussianNoise } from './noise/gaussian-noise';
import type { Noise } from './noise/noise';
import type { ForwardOperator } from './operator';

/** Options of `measure`. */
export interface MeasureOptions {
  /**
   * Item k draws its noise from the seed `seed + k`: any integer.
   * @default 0
   */
  seed?: number;
  /** The seed of each item, instead of `seed`. */
  seeds?: readonly number[];
}

/**
 * Simulates a measurement: `y = A(x) + noise`, for tests and demonstrations.
 *
 * Its random numbers are a stream of their own: they never meet those of a sampler with the same
 * seed. The caller disposes the result.
 *
 * @param operator `A`.
 * @param x Clean images, `[batch, height, width, channels]`, values in [-1, 1].
 * @param noise What is added; none by default.
 */
export function measure(
  operator: ForwardOperator,
  x: Tensor4D,
  noise: Noise = gaussianNoise(0),
  { seed, seeds }: MeasureOptions = {},
): Tensor4D {
  checkImage('measure', 'x', x);
  checkNoise('measure', noise);
  const items = itemSeeds('measure', x.shape[0], { seed, seeds });
  return tf.tidy(() => noise.add(operator.forward(x), itemRandom('measure', items)));
}
