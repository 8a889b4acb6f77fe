import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import type { Denoiser } from '../models/denoiser';
import type { Noise } from '../operators/noise/noise';
import type { ForwardOperator, Shape4D } from '../operators/operator';
import type { NoiseSchedule } from '../schedulers/schedule';

/** A measurement `y = A(x) + noise` and the prior for x: all that a sampler may know. */
export interface InverseProblem<
  Operator extends ForwardOperator = ForwardOperator,
  Model extends Noise = Noise,
> {
  /** The prior for x. */
  readonly denoiser: Denoiser;
  /** A. */
  readonly operator: Operator;
  /** y: `[batch, height, width, channels]`. */
  readonly measurement: Tensor4D;
  /** What was added to `A(x)`, and how well a prediction fits y. */
  readonly noise: Model;
}

/**
 * What a sampler can need of a problem beyond a differentiable `A`: a part of a linear operator, by its
 * name; `conditionalMean`, which a solver stands for; `identity()` (`'isIdentity'`); Gaussian noise
 * (`'gaussian'`, std 0 included); noise with a density (`'likelihood'`: any but
 * std 0); or both (`'noiseStd'`: Gaussian with std > 0).
 */
export type Need =
  | 'adjoint'
  | 'pseudoInverse'
  | 'solve'
  | 'conditionalMean'
  | 'spectrum'
  | 'isIdentity'
  | 'gaussian'
  | 'likelihood'
  | 'noiseStd';

/** The step from `sigma_i` to `sigma_{i+1}`; index counts from 0 to total - 1. */
export interface StepLevel {
  /** i, from 0 to total - 1. */
  readonly index: number;
  /** M, the number of steps. */
  readonly total: number;
  /** `sigma_i`. */
  readonly sigma: number;
  /** `sigma_{i+1}`. */
  readonly sigmaNext: number;
}

/** What the loop provides to a sampler. */
export interface RunContext {
  /** Shape of x: `[batch, height, width, channels]`. */
  readonly shape: Shape4D;
  /** All noise levels of the run. */
  readonly schedule: NoiseSchedule;
  /** `x_T`: `sigma_0 n`, or the start that the caller gave. The sampler owns it. */
  initial(): Tensor4D;
  /** Standard normal numbers, a function of (item seed, step, draw number) and nothing else. */
  normal(shape: Shape4D): Tensor4D;
  /** Yields to the event loop; throws AbortError. Await it between network passes. */
  tick(): Promise<void>;
}

/** A plain tree of tensors and numbers, which a sampler carries from step to step. */
export type StateTree =
  | Tensor
  | number
  | readonly StateTree[]
  | { readonly [key: string]: StateTree };

/** The state of a sampler: x, plus any plain tree of tensors and numbers. */
export type SamplerState = {
  /** The image in progress, `[batch, height, width, channels]`. */
  readonly x: Tensor4D;
};

/** The result of a step. */
export interface Step<S> {
  /** The next state; the loop disposes the one before. */
  readonly state: S;
  /** The estimate of the clean image. Information, never input. */
  readonly denoised: Tensor4D;
  /**
   * The residual of `denoised`, one number an item, where the step knows it; the loop computes it
   * elsewhere. Information, never input.
   */
  readonly error?: Tensor1D;
}

/**
 * A posterior sampler: a pair of functions, `init` and `step`. P is the kind of problem it solves: an
 * operator without what it needs does not compile.
 *
 * A step reads no value back from the device and keeps no tensor outside its state. The loop owns the
 * tensors that it returns.
 */
export interface Sampler<
  S extends SamplerState = SamplerState,
  P extends InverseProblem = InverseProblem,
> {
  /** The name that errors and reports use. */
  readonly name: string;
  /** What it needs of the problem: the same as P, checked before the first step. */
  readonly needs?: readonly Need[];
  /** It takes a gradient through the denoiser. */
  readonly differentiates?: boolean;
  /** `state.x` lies at `sigma_i` before step i: what `spgd` may wrap. */
  readonly atNoiseLevel?: true;
  /** It gives one estimate for every seed: no draw from the posterior, and no spread. */
  readonly isEstimate?: true;
  /** What to change when an item diverges, e.g. "lower learningRate". */
  readonly remedy?: string;
  /** The first state, at `sigma_0`. */
  init(problem: P, run: RunContext): S;
  /** One step, from `level.sigma` to `level.sigmaNext`. */
  step(state: S, problem: P, level: StepLevel, run: RunContext): Step<S> | Promise<Step<S>>;
}

/** A sampler that `spgd` and `bestOf` may wrap: its state lies at the noise level of each step. */
export type NoiseLevelSampler<
  S extends SamplerState = SamplerState,
  P extends InverseProblem = InverseProblem,
> = Sampler<S, P> & {
  /** `state.x` lies at `sigma_i` before step i. */
  readonly atNoiseLevel: true;
};
