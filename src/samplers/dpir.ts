import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkRange } from '../internal/check';
import type { GaussianNoise } from '../operators/noise/noise';
import type { ProximalOperator } from '../operators/operator';
import { proximalStep } from './proximal-step';
import type { InverseProblem, Sampler, SamplerState } from './sampler';

/** Options of `dpir`. */
export interface DpirOptions {
  /**
   * The weight of the prior relative to the measurement, > 0.
   * @default 0.23
   */
  lambda?: number;
  /**
   * z of the first step. `'zero'`: a grey image, as in the paper. `'measurement'`: the image
   * that shows y (`decode` of the operator, else `A⁺y`), which is the first x as well; for operators
   * that measure all coarse structure.
   * @default 'zero'
   */
  startFrom?: 'zero' | 'measurement';
}

/**
 * DPIR: plug-and-play half-quadratic splitting. A proximal step in closed form moves the image to fit
 * the measurement, then the denoiser cleans it, at ever lower noise levels. One image of low error
 * after few steps, one network pass each, no gradient and no randomness: not a draw from the posterior.
 *
 * ```
 * x  = argmin_x |y - A x|² + rho |x - z|²,   rho = lambda std² / sigma²
 * z' = D(x; sigma)
 * ```
 *
 * By default z starts from 0, so the first x is a damped inverse of y. The noise levels of the paper are those of
 * `dpirSchedule`. The state is a clean image at every step, so `spgd` cannot wrap it, and a `start` is
 * ignored. It needs Gaussian noise, and a linear operator with a solver or one with `conditionalMean`, which
 * x is then.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Zhang et al., "Plug-and-Play Image Restoration with Deep Denoiser Prior", TPAMI 2022,
 * arXiv 2008.13751, algorithm 1.
 */
export function dpir({
  lambda = 0.23,
  startFrom = 'zero',
}: DpirOptions = {}): Sampler<SamplerState, InverseProblem<ProximalOperator, GaussianNoise>> {
  checkPositive('dpir', 'lambda', lambda);
  const known = ['zero', 'measurement'].includes(startFrom);
  checkRange(known, 'dpir', 'startFrom', 'zero or measurement', startFrom);
  return {
    name: 'dpir',
    isEstimate: true,
    needs: ['conditionalMean', 'gaussian'],
    remedy: 'raise lambda',
    init: (problem, run) => {
      if (startFrom === 'zero') return { x: tf.zeros(run.shape) };
      const { operator, measurement } = problem;
      const shown = () =>
        operator.decode?.(measurement) ?? proximalStep(problem, tf.zeros(run.shape), Infinity);
      return { x: tf.tidy(shown) };
    },
    step: ({ x: z }, problem, { index, sigma }) =>
      tf.tidy(() => {
        const isShown = startFrom === 'measurement' && index === 0;
        const x = isShown ? z : proximalStep(problem, z, sigma / Math.sqrt(lambda));
        const cleaned = problem.denoiser.denoise(x, sigma);
        return { state: { x: cleaned }, denoised: cleaned };
      }),
  };
}
