import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { distanceGradient } from './likelihood-gradient';
import { repeat } from './repeat';
import type { InverseProblem, RunContext } from './sampler';

/** Where Langevin dynamics go, and how fast. */
export interface LangevinSettings {
  /** The weight of the distance between `A(z)` and y in the negative log-density. */
  readonly weight: number;
  /** Standard deviation of z around the centre. */
  readonly sigma: number;
  readonly steps: number;
  readonly learningRate: number;
  /** 0 for Langevin dynamics; above, how much of the velocity each step keeps. */
  readonly momentum: number;
}

/**
 * Steps of Langevin dynamics from the centre, towards the density
 * `exp(-weight distance(A(z), y) - |z - centre|² / (2 sigma²))`:
 *
 * ```
 * v = momentum v + sqrt(lr) grad log p(z) + sqrt(2 (1 - momentum)) n
 * z = z + sqrt(lr) v
 * ```
 *
 * With a momentum it is Hamiltonian dynamics with friction, its first v noise. No network pass is
 * taken. The caller disposes the result.
 */
export async function langevin(
  problem: InverseProblem,
  centre: Tensor4D,
  { weight, sigma, steps, learningRate, momentum }: LangevinSettings,
  run: RunContext,
): Promise<Tensor4D> {
  const h = Math.sqrt(learningRate);
  const temperature = Math.sqrt(2 * (1 - momentum));
  const { shape } = centre;
  const start = { z: centre, v: momentum > 0 ? run.normal(shape) : tf.zeros<tf.Rank.R4>(shape) };
  try {
    const { z, v } = await repeat(start, steps, run, ({ z, v }) => {
      const likelihood = tf.mul(distanceGradient(problem, z).gradient, -weight);
      const prior = tf.div(tf.sub(centre, z), sigma ** 2);
      const push = tf.mul(tf.add(likelihood, prior), h);
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
