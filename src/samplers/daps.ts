import { checkInteger, checkPositive, checkRange } from '../internal/check';
import { gaussianNoise } from '../operators/noise/gaussian-noise';
import { descend, levelsBetween } from './descend';
import { langevin } from './langevin';
import { renoise } from './renoise';
import type { NoiseLevelSampler } from './sampler';

/** Options of `daps`; the numbers are those of the released code for super-resolution. */
export interface DapsOptions {
  /**
   * Steps of the probability-flow ODE from x to a clean image, an integer >= 1; each costs a network
   * pass.
   * @default 5
   */
  odeSteps?: number;
  /**
   * Steps of Langevin dynamics, an integer >= 1; they cost no network pass.
   * @default 100
   */
  innerSteps?: number;
  /**
   * The first step of Langevin dynamics, > 0. Released: 1e-4 for super-resolution, Gaussian blur and
   * random inpainting, 5e-5 for motion blur, box inpainting and phase retrieval, 2e-5 for high
   * dynamic range, 1e-5 for nonlinear blur.
   * @default 1e-4
   */
  learningRate?: number;
  /**
   * How much of the learning rate is gone by the last step: `lr_i = lr (1 - decay i / M)`, in [0, 1].
   * @default 0.99
   */
  decay?: number;
  /**
   * Below 1, in [0, 1): how much of their velocity the dynamics keep, which makes them Hamiltonian
   * Monte Carlo (with friction, without rejection). 0 is Langevin.
   * @default 0
   */
  momentum?: number;
  /**
   * tau of the released code, > 0: the chain takes `exp(-|y - A(z)|² / tau²)` for the likelihood,
   * whatever the noise of the problem. The released setting is 0.01.
   * @default the likelihood of the problem's noise
   */
  tau?: number;
}

/** Where the inner ODE ends, as in the released code. */
const odeEnd = 0.01;

/**
 * Decoupled annealing posterior sampling: a clean image from the prior given x, then a draw from the
 * posterior near it, then noise of the next level. Nothing else couples consecutive levels.
 *
 * ```
 * x0 = ODE(x; sigma -> 0.01)
 * z ~ p(y | A(z)) exp(-|z - x0|² / (2 sigma²)),   by Langevin dynamics from x0
 * x' = z + sigma' n
 * ```
 *
 * No gradient goes through the network. Without `tau` it needs noise above 0.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Zhang et al., "Improving Diffusion Inverse Problem Solving with Decoupled Noise
 * Annealing", CVPR 2025, algorithm 1.
 */
export function daps({
  odeSteps = 5,
  innerSteps = 100,
  learningRate = 1e-4,
  decay = 0.99,
  momentum = 0,
  tau,
}: DapsOptions = {}): NoiseLevelSampler {
  checkInteger('daps', 'odeSteps', odeSteps, 1);
  checkInteger('daps', 'innerSteps', innerSteps, 1);
  checkPositive('daps', 'learningRate', learningRate);
  checkRange(decay >= 0 && decay <= 1, 'daps', 'decay', 'in [0, 1]', decay);
  checkRange(momentum >= 0 && momentum < 1, 'daps', 'momentum', 'in [0, 1)', momentum);
  if (tau !== undefined) checkPositive('daps', 'tau', tau);
  const assumed = tau === undefined ? undefined : gaussianNoise(tau / Math.SQRT2);
  return {
    name: 'daps',
    ...(!assumed && { needs: ['likelihood'] as const }),
    atNoiseLevel: true,
    remedy: 'lower learningRate',
    init: (_problem, run) => ({ x: run.initial() }),
    async step({ x }, problem, { index, total, sigma, sigmaNext }, run) {
      const levels = levelsBetween(sigma, odeEnd, odeSteps);
      const x0 = await descend(problem.denoiser, x, levels, 0, run);
      try {
        const lr = learningRate * (1 - (decay * index) / total);
        const chain = { sigma, steps: innerSteps, learningRate: lr, momentum };
        const noise = assumed ?? problem.noise;
        const z = await langevin({ ...problem, noise }, x0, chain, run);
        return { state: { x: renoise(z, sigmaNext, run) }, denoised: z };
      } finally {
        x0.dispose();
      }
    },
  };
}
