import { checkInteger, checkPositive, checkRange } from '../internal/check';
import { descend, levelsBetween } from './descend';
import { langevin } from './langevin';
import { renoise } from './renoise';
import type { SamplerState } from './sampler';
import type { NoiseLevelSampler } from './spgd';

/** Options of `daps`; the defaults are those of the released code for super-resolution. */
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
   * tau: the measurement counts as `exp(-distance / tau²)`, > 0; for Gaussian noise that is a
   * standard deviation of `tau / sqrt(2)`. Use 1 with `poissonNoise`, whose distance is a
   * log-likelihood.
   * @default 0.01
   */
  tau?: number;
}

/** Where the inner ODE ends, as in the released code. */
const odeEnd = 0.01;

/**
 * Decoupled annealing posterior sampling: an image from the prior given x, then one from the
 * posterior round it, then noise of the next level; consecutive levels are not coupled otherwise.
 *
 * ```
 * x0 = ODE(x; sigma -> 0.01)
 * z ~ exp(-distance(A(z), y) / tau² - |z - x0|² / (2 sigma²)),   by Langevin dynamics from x0
 * x' = z + sigma' n
 * ```
 *
 * No gradient goes through the network.
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
  tau = 0.01,
}: DapsOptions = {}): NoiseLevelSampler<SamplerState> {
  checkInteger('daps', 'odeSteps', odeSteps, 1);
  checkInteger('daps', 'innerSteps', innerSteps, 1);
  checkPositive('daps', 'learningRate', learningRate);
  checkRange(decay >= 0 && decay <= 1, 'daps', 'decay', 'in [0, 1]', decay);
  checkRange(momentum >= 0 && momentum < 1, 'daps', 'momentum', 'in [0, 1)', momentum);
  checkPositive('daps', 'tau', tau);
  return {
    name: 'daps',
    atNoiseLevel: true,
    remedy: 'lower learningRate',
    init: (_problem, run) => ({ x: run.initial() }),
    async step({ x }, problem, { index, total, sigma, sigmaNext }, run) {
      const levels = levelsBetween(sigma, odeEnd, odeSteps);
      const x0 = await descend(problem.denoiser, x, levels, 0, run);
      try {
        const lr = learningRate * (1 - (decay * index) / total);
        const dynamics = { sigma, weight: 1 / tau ** 2, steps: innerSteps, momentum };
        const z = await langevin(problem, x0, { ...dynamics, learningRate: lr }, run);
        return { state: { x: renoise(z, sigmaNext, run) }, denoised: z };
      } finally {
        x0.dispose();
      }
    },
  };
}
