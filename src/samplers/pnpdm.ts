import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../internal/check';
import type { GaussianNoise } from '../operators/noise/noise';
import type { SolvableOperator } from '../operators/operator';
import { solveOde } from './daps';
import type { InverseProblem, RunContext, Sampler, SamplerState } from './sampler';

/** Options of `pnpdm`. */
export interface PnpdmOptions {
  /**
   * Euler steps of the ODE from the coupling strength to a clean image, network passes each, an
   * integer >= 1. The paper takes up to 100, fewer as the coupling falls.
   * @default 5
   */
  odeSteps?: number;
}

/**
 * PnP-DM: a split Gibbs sampler that takes turns. z is drawn from the likelihood near x, x from the
 * prior near z; the noise level of the step is the coupling between the two, and falls.
 *
 * ```
 * z ~ N(m, S),   S = (A'A / std² + I / sigma²)⁻¹,   m = S (A'y / std² + x / sigma²)
 * x ~ p(x | x + sigma n = z), by the probability-flow ODE from z at sigma
 * ```
 *
 * z is exact: the solver of the operator is applied to perturbed right-hand sides. x is clean between
 * the steps, so `spgd` cannot go round it. It needs a linear operator with a solver, and Gaussian
 * noise with std > 0.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Wu et al., "Principled Probabilistic Imaging using Diffusion Models as Plug-and-Play
 * Priors", NeurIPS 2024, algorithm 1.
 */
export function pnpdm({
  odeSteps = 5,
}: PnpdmOptions = {}): Sampler<SamplerState, InverseProblem<SolvableOperator, GaussianNoise>> {
  checkInteger('pnpdm', 'odeSteps', odeSteps, 1);
  return {
    name: 'pnpdm',
    needs: ['adjoint', 'solve', 'noiseStd'],
    remedy: 'check that noise has the std of the measurement',
    init: (_problem, run) => ({ x: run.initial() }),
    async step({ x }, problem, { sigma }, run) {
      const z = drawLikelihood(x, problem, sigma, run);
      try {
        const clean = await solveOde(z, problem, sigma, odeSteps, run);
        return { state: { x: clean }, denoised: tf.clone(clean) };
      } finally {
        z.dispose();
      }
    },
  };
}

/** z, by solving `(A'A + std² / sigma² I) z = A'(y + std n1) + std² / sigma² (x + sigma n2)`. */
function drawLikelihood(
  x: Tensor4D,
  { operator, measurement, noise }: InverseProblem<SolvableOperator, GaussianNoise>,
  sigma: number,
  run: RunContext,
): Tensor4D {
  return tf.tidy(() => {
    const damping = (noise.std / sigma) ** 2;
    const n1 = tf.mul(run.normal(measurement.shape), noise.std);
    const n2 = tf.mul(run.normal(x.shape), sigma);
    const ofData = operator.adjoint(tf.add(measurement, n1));
    const ofPrior = tf.mul(tf.add(x, n2), damping);
    return operator.solve(tf.add<Tensor4D>(ofData, ofPrior), damping);
  });
}
