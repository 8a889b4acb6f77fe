import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import type { GaussianNoise } from '../operators/noise/noise';
import type { ProximalOperator } from '../operators/operator';
import { proximalStep } from './proximal-step';
import type { InverseProblem, NoiseLevelSampler, SamplerState } from './sampler';

/** Options of `diffpir`. */
export interface DiffpirOptions {
  /**
   * The weight of the denoised image relative to the measurement, > 0. The paper tunes it for each
   * task.
   * @default 1
   */
  lambda?: number;
  /**
   * The share of the next noise that is drawn afresh, in [0, 1]: 0 has no randomness after `x_T`. The
   * paper tunes it for each task; the default is that of its released code for deblurring.
   * @default 0.1
   */
  zeta?: number;
  /**
   * The share of the next level's noise that is added, in [0, 1]: 1 is DiffPIR, which draws samples; 0
   * adds none, as in `dpir`. In between, with `zeta` 1, lies the highest PSNR.
   * @default 1
   */
  temperature?: number;
  /**
   * Where x starts. `'noise'`: `x_T = sigma_0 n`, or the `start` of the run. `'measurement'`: the image
   * that shows y (`decode` of the operator, else the one that fits y best, `z` of the step below for
   * `x0 = 0`), with the noise of a step on it; with a first noise level near 1, about 8 steps then reach what 30 reach from noise. A `start` of the run is
   * ignored.
   * @default 'noise'
   */
  startFrom?: 'noise' | 'measurement';
}

/**
 * DiffPIR: a proximal step in closed form moves the denoised image to fit the measurement, then noise is
 * added again. No gradient goes through the network.
 *
 * ```
 * x0 = D(x; sigma)
 * z  = argmin_z |y - A z|² + rho |z - x0|²,   rho = lambda std² / sigma²
 * e  = (x - z) / sigma
 * x' = z + temperature sigma' (sqrt(1 - zeta) e + sqrt(zeta) n)
 * ```
 *
 * It needs Gaussian noise, and a linear operator with a solver or one with `conditionalMean`: there z is
 * the mean of the image given y and x0, with noise of std and of `sigma / sqrt(lambda)`. With std 0, z
 * fits the measurement exactly. Other operators, for which the paper gives an approximation, are not
 * supported.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Zhu et al., "Denoising Diffusion Models for Plug-and-Play Image Restoration", CVPRW
 * 2023, algorithm 1.
 */
export function diffpir({
  lambda = 1,
  zeta = 0.1,
  temperature = 1,
  startFrom = 'noise',
}: DiffpirOptions = {}): NoiseLevelSampler<
  SamplerState,
  InverseProblem<ProximalOperator, GaussianNoise>
> {
  checkPositive('diffpir', 'lambda', lambda);
  checkRange(zeta >= 0 && zeta <= 1, 'diffpir', 'zeta', 'in [0, 1]', zeta);
  checkRange(
    temperature >= 0 && temperature <= 1,
    'diffpir',
    'temperature',
    'in [0, 1]',
    temperature,
  );
  checkRange(
    ['noise', 'measurement'].includes(startFrom),
    'diffpir',
    'startFrom',
    'noise or measurement',
    startFrom,
  );
  /** The image that fits the measurement and x0 best. */
  const fitted = (
    problem: InverseProblem<ProximalOperator, GaussianNoise>,
    x0: Tensor4D,
    sigma: number,
  ): Tensor4D => proximalStep(problem, x0, sigma / Math.sqrt(lambda));
  return {
    name: 'diffpir',
    needs: ['conditionalMean', 'gaussian'],
    atNoiseLevel: true,
    remedy: 'raise lambda',
    init: (problem, run) => {
      if (startFrom === 'noise') return { x: run.initial() };
      const [sigma] = run.schedule as [number];
      return tf.tidy(() => {
        const { operator, measurement } = problem;
        const z = operator.decode?.(measurement) ?? fitted(problem, tf.zeros(run.shape), sigma);
        return { x: tf.add<Tensor4D>(z, tf.mul(run.normal(run.shape), temperature * sigma)) };
      });
    },
    step: ({ x }, problem, { sigma, sigmaNext }, run) =>
      tf.tidy(() => {
        const x0 = problem.denoiser.denoise(x, sigma);
        const z = fitted(problem, x0, sigma);
        const e = tf.div(tf.sub(x, z), sigma);
        const n = run.normal(run.shape);
        const noised = tf.add(tf.mul(e, Math.sqrt(1 - zeta)), tf.mul(n, Math.sqrt(zeta)));
        return {
          state: { x: tf.add<Tensor4D>(z, tf.mul(noised, temperature * sigmaNext)) },
          denoised: x0,
        };
      }),
  };
}
