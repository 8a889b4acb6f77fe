import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkPositive, checkRange } from '../internal/check';
import { edmSchedule } from '../schedulers/edm-schedule';
import { ddimStep } from './ddim-step';
import { distanceGradient } from './likelihood-gradient';
import { repeat } from './repeat';
import type { InverseProblem, RunContext, SamplerState, StepLevel } from './sampler';
import type { NoiseLevelSampler } from './spgd';

/** Options of `daps`. */
export interface DapsOptions {
  /**
   * Euler steps of the inner ODE, network passes each, an integer >= 1.
   * @default 5
   */
  odeSteps?: number;
  /**
   * Steps of the Markov chain, each one gradient of the operator and no network pass, an integer >= 1.
   * @default 100
   */
  chainSteps?: number;
  /**
   * Step size of the chain at the first noise level, > 0; the paper has 1e-5 to 1e-4 by task.
   * @default 1e-4
   */
  learningRate?: number;
  /**
   * What is left of the step size at the last noise level, in (0, 1].
   * @default 0.01
   */
  learningRateRatio?: number;
  /**
   * tau: the standard deviation of the residual that the chain assumes, > 0.
   * @default 0.01
   */
  tau?: number;
  /**
   * Hamiltonian Monte Carlo with this momentum, in [0, 1); without it the chain is Langevin's.
   */
  momentum?: number;
}

/** x of the chain, and its velocity with momentum. */
type Chain = { readonly x: Tensor4D; readonly velocity?: Tensor4D };

type Settings = Required<Omit<DapsOptions, 'momentum'>> & { readonly momentum: number | undefined };

const owner = 'daps';

/** Last noise level of the inner ODE. */
const odeSigmaMin = 0.01;

/**
 * DAPS: decoupled annealing. At each noise level an ODE gives a clean guess, a Markov chain draws near
 * it from the posterior, and the draw gets the noise of the next level, whatever x was.
 *
 * ```
 * x0 = the probability-flow ODE from x, odeSteps steps
 * chain on z from x0:  s = -grad_z distance(A(z), y) / tau² + (x0 - z) / sigma²
 *   Langevin:  z <- z + r s + sqrt(2 r) n
 *   HMC:       v <- b v + sqrt(r) s + sqrt(2 (1 - b)) n,   z <- z + sqrt(r) v
 * x' = z + sigma' n
 * ```
 *
 * r falls linearly over the noise levels. As in the released code the distance is not halved.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Zhang et al., "Improving Diffusion Inverse Problem Solving with Decoupled Noise
 * Annealing", CVPR 2025, arXiv 2407.01521.
 */
export function daps(options: DapsOptions = {}): NoiseLevelSampler<SamplerState> {
  const settings = checkOptions(options);
  return {
    name: owner,
    atNoiseLevel: true,
    remedy: 'lower learningRate',
    init: (_problem, run) => ({ x: run.initial() }),
    async step({ x }, problem, level, run) {
      const x0 = await solveOde(x, problem, level.sigma, settings.odeSteps, run);
      try {
        const z = await runChain(x0, problem, level, run, settings);
        const next = tf.tidy(() =>
          tf.add<Tensor4D>(z, tf.mul(run.normal(run.shape), level.sigmaNext)),
        );
        return { state: { x: next }, denoised: z };
      } finally {
        x0.dispose();
      }
    },
  };
}

function checkOptions({
  odeSteps = 5,
  chainSteps = 100,
  learningRate = 1e-4,
  learningRateRatio = 0.01,
  tau = 0.01,
  momentum,
}: DapsOptions): Settings {
  checkInteger(owner, 'odeSteps', odeSteps, 1);
  checkInteger(owner, 'chainSteps', chainSteps, 1);
  checkPositive(owner, 'learningRate', learningRate);
  const share = learningRateRatio > 0 && learningRateRatio <= 1;
  checkRange(share, owner, 'learningRateRatio', 'in (0, 1]', learningRateRatio);
  checkPositive(owner, 'tau', tau);
  const inRange = momentum === undefined || (momentum >= 0 && momentum < 1);
  checkRange(inRange, owner, 'momentum', 'in [0, 1)', momentum);
  return { odeSteps, chainSteps, learningRate, learningRateRatio, tau, momentum };
}

/** Euler steps from sigma to `odeSigmaMin`; where sigma is below it, one denoised image. */
export async function solveOde(
  x: Tensor4D,
  { denoiser }: Pick<InverseProblem, 'denoiser'>,
  sigma: number,
  steps: number,
  run: Pick<RunContext, 'tick' | 'normal'>,
): Promise<Tensor4D> {
  const levels =
    sigma > odeSigmaMin
      ? edmSchedule({ steps: steps + 1, sigmaMax: sigma, sigmaMin: odeSigmaMin }).slice(0, -1)
      : [sigma, 0];
  return repeat<Tensor4D>(x, levels.length - 1, run, (at, i) => {
    const level = { sigma: levels[i]!, sigmaNext: levels[i + 1]! };
    return ddimStep(at, denoiser.denoise(at, level.sigma), level, 0, run);
  });
}

/** Draws near x0 from the posterior; the caller disposes what it gets. */
async function runChain(
  x0: Tensor4D,
  problem: InverseProblem,
  { index, total, sigma }: StepLevel,
  run: RunContext,
  { chainSteps, learningRate, learningRateRatio, tau, momentum }: Settings,
): Promise<Tensor4D> {
  // The released code counts one level more than there are steps.
  const r = learningRate * (1 + (index / (total + 1)) * (learningRateRatio - 1));
  const score = (z: Tensor4D) => {
    const { gradient } = distanceGradient(problem, z);
    return tf.sub<Tensor4D>(tf.div(tf.sub(x0, z), sigma ** 2), tf.div(gradient, tau ** 2));
  };
  const langevin = ({ x: z }: Chain): Chain => {
    const drift = tf.mul(score(z), r);
    const noise = tf.mul(run.normal(run.shape), Math.sqrt(2 * r));
    return { x: tf.add<Tensor4D>(z, tf.add(drift, noise)) };
  };
  const hamiltonian =
    (b: number) =>
    ({ x: z, velocity }: Chain): Chain => {
      const force = tf.mul(score(z), Math.sqrt(r));
      const noise = tf.mul(run.normal(run.shape), Math.sqrt(2 * (1 - b)));
      const v = tf.add<Tensor4D>(tf.mul(velocity!, b), tf.add(force, noise));
      return { x: tf.add<Tensor4D>(z, tf.mul(v, Math.sqrt(r))), velocity: v };
    };
  const velocity = momentum === undefined ? undefined : run.normal(run.shape);
  const start: Chain = { x: x0, ...(velocity && { velocity }) };
  const move = momentum === undefined ? langevin : hamiltonian(momentum);
  try {
    const end = await repeat<Chain>(start, chainSteps, run, move);
    end.velocity?.dispose();
    return end.x;
  } finally {
    velocity?.dispose();
  }
}
