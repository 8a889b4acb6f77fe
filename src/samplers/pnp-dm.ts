import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkPositive, checkRange } from '../internal/check';
import type { GaussianNoise } from '../operators/noise/noise';
import type { SolvableOperator } from '../operators/operator';
import { edmSchedule } from '../schedulers/edm-schedule';
import { descend } from './descend';
import { langevin } from './langevin';
import { unitNoise } from './renoise';
import type { InverseProblem, RunContext, Sampler } from './sampler';

/** Options of `pnpDm`. */
export interface PnpDmOptions {
  /**
   * The least coupling, > 0: levels of the schedule below it are raised to it. The paper has 0.3 for
   * linear problems, 0.1 for nonlinear ones.
   * @default 0.3
   */
  rhoMin?: number;
  /**
   * Steps of the prior from rho to 0, an integer >= 1; each costs a network pass. The released code
   * takes about 30 at rho 0.3, more above.
   * @default 30
   */
  denoiseSteps?: number;
  /**
   * How those steps are taken, in [0, 1]: 1 is the reverse SDE, 0 the probability-flow ODE.
   * @default 1
   */
  eta?: number;
  /**
   * Steps of Langevin dynamics, an integer >= 1, where z cannot be drawn exactly.
   * @default 100
   */
  innerSteps?: number;
  /**
   * The step of Langevin dynamics, > 0, where z cannot be drawn exactly.
   * @default 1e-4
   */
  learningRate?: number;
}

/** Where the steps of the prior end before 0. */
const lastLevel = 0.002;

/**
 * PnP-DM: a Gibbs sampler that alternates between likelihood and prior, coupled ever more tightly. Its
 * x is a clean image at every step, so `spgd` cannot wrap it.
 *
 * ```
 * rho = max(sigma, rhoMin)
 * z  ~ p(y | A(z)) exp(-|z - x|² / (2 rho²))
 * x' ~ p(x | x + rho n = z),   by unguided steps from z at noise level rho down to 0
 * ```
 *
 * z is drawn exactly where the operator has a solver and the noise is Gaussian, and by Langevin
 * dynamics elsewhere. The first x is unit noise. The noise levels of the schedule are the couplings
 * rho: the paper's are `sigma = 10 * 0.9^i`. It needs noise above 0.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Wu et al., "Principled Probabilistic Imaging using Diffusion Models as Plug-and-Play
 * Priors", NeurIPS 2024, algorithm 1.
 */
export function pnpDm({
  rhoMin = 0.3,
  denoiseSteps = 30,
  eta = 1,
  innerSteps = 100,
  learningRate = 1e-4,
}: PnpDmOptions = {}): Sampler {
  checkPositive('pnpDm', 'rhoMin', rhoMin);
  checkInteger('pnpDm', 'denoiseSteps', denoiseSteps, 1);
  checkRange(eta >= 0 && eta <= 1, 'pnpDm', 'eta', 'in [0, 1]', eta);
  checkInteger('pnpDm', 'innerSteps', innerSteps, 1);
  checkPositive('pnpDm', 'learningRate', learningRate);
  return {
    name: 'pnpDm',
    needs: ['likelihood'],
    remedy: 'raise rhoMin or lower learningRate',
    init: (_problem, run) => ({ x: unitNoise(run) }),
    async step({ x }, problem, { sigma }, run) {
      const rho = Math.max(sigma, rhoMin);
      const chain = { sigma: rho, steps: innerSteps, learningRate, momentum: 0 };
      const z = isSolvable(problem)
        ? exactDraw(x, problem, rho, run)
        : await langevin(problem, x, chain, run);
      try {
        const sigmaMin = Math.min(lastLevel, rho / 2);
        const levels = edmSchedule({ steps: denoiseSteps, sigmaMax: rho, sigmaMin });
        const next = await descend(problem.denoiser, z, levels, eta, run);
        return { state: { x: next }, denoised: next };
      } finally {
        z.dispose();
      }
    },
  };
}

type Solvable = InverseProblem<SolvableOperator, GaussianNoise>;

const isSolvable = (problem: InverseProblem): problem is Solvable =>
  'solve' in problem.operator && problem.noise.std !== undefined;

/** A draw of z: the solution of the normal equations whose data and centre are perturbed. */
const exactDraw = (
  x: Tensor4D,
  { operator, measurement, noise: { std } }: Solvable,
  rho: number,
  run: RunContext,
): Tensor4D =>
  tf.tidy(() => {
    const damping = (std / rho) ** 2;
    const y = tf.add<Tensor4D>(measurement, tf.mul(run.normal(measurement.shape), std));
    const centre = tf.add(x, tf.mul(run.normal(x.shape), rho));
    const right = tf.add<Tensor4D>(operator.adjoint(y), tf.mul(centre, damping));
    return operator.solve(right, damping);
  });
