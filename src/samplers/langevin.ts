import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { repeat } from './repeat';
import type { InverseProblem, RunContext } from './sampler';

/** Options of `langevin`. */
export interface LangevinOptions {
  /** Standard deviation of z around the centre, > 0. */
  readonly sigma: number;
  /** Number of steps. */
  readonly steps: number;
  /** The squared length of a step, > 0. */
  readonly learningRate: number;
  /** How much of the velocity each step keeps, in [0, 1): 0 is Langevin dynamics. */
  readonly momentum: number;
}

/**
 * Langevin dynamics from `centre`, towards the density
 * `p(z) = p(y | A(z)) exp(-|z - centre|² / (2 sigma²))`:
 *
 * ```
 * v = momentum v + sqrt(lr) grad log p(z) + sqrt(2 (1 - momentum)) n
 * z = z + sqrt(lr) v
 * ```
 *
 * With a momentum it is Hamiltonian dynamics with friction, whose first v is noise. It takes no
 * network pass. The caller disposes the result.
 */
export async function langevin(
  { operator, measurement, noise }: Omit<InverseProblem, 'denoiser'>,
  centre: Tensor4D,
  { sigma, steps, learningRate, momentum }: LangevinOptions,
  run: RunContext,
): Promise<Tensor4D> {
  const h = Math.sqrt(learningRate);
  const temperature = Math.sqrt(2 * (1 - momentum));
  const { shape } = centre;
  const misfit = tf.grad((z: Tensor) =>
    noise.negLogLikelihood(operator.forward(z as Tensor4D), measurement),
  );
  const start = { z: centre, v: momentum > 0 ? run.normal(shape) : tf.zeros<tf.Rank.R4>(shape) };
  try {
    const { z, v } = await repeat(start, steps, run, ({ z, v }) => {
      const pull = tf.div(tf.sub(centre, z), sigma ** 2);
      const push = tf.mul(tf.sub(pull, misfit(z)), h);
      const noise = tf.mul(run.normal(shape), temperature);
      const velocity = tf.add<Tensor4D>(tf.add(tf.mul(v, momentum), push), noise);
      return { z: tf.add<Tensor4D>(z, tf.mul(velocity, h)), v: velocity };
    });
    v.dispose();
    return z;
  } finally {
    start.v.dispose();
  }
}
