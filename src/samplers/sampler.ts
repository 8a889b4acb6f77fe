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
  /** What was added to `A(x)`, and the distance that it implies. */
  readonly noise: Model;
}

/**
 * What a sampler can need of a problem beyond a differentiable `A`: parts of a linear operator,
 * Gaussian noise (`'gaussian'`), or its standard deviation > 0 (`'noiseStd'`).
 */
export type Need = 'adjoint' | 'pseudoInverse' | 'solve' | 'spectrum' | 'gaussian' | 'noiseStd';

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

/** What the loop lends to a sampler. */
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

/** A plain tree of tensors and numbers: what a sampler carries from step to step. */
export type StateTree =
  | Tensor
  | number
  | readonly StateTree[]
  | { readonly [key: string]: StateTree };

/** The state of a sampler: x, plus any plain tree of tensors and numbers. */
export type SamplerState = {
  /** The image on its way, `[batch, height, width, channels]`. */
  readonly x: Tensor4D;
};

/** What one step gives. */
export interface Step<S> {
  /** The next state; the loop disposes the one before. */
  readonly state: S;
  /** The estimate of the clean image. Information, never input. */
  readonly denoised: Tensor4D;
  /** The distance between `A(denoised)` and y, one number an item. Information, never input. */
  readonly error?: Tensor1D;
  /** The likelihood gradient in x that was taken last. Information, never input. */
  readonly gradient?: Tensor4D;
}

/**
 * A posterior sampler: a pair of functions, `init` and `step`. P says which problems it is for, so
 * that an operator without what it needs does not compile.
 *
 * A step reads no value back from the device and keeps no tensor outside its state. Tensors it
 * returns belong to the loop.
 */
export interface Sampler<
  S extends SamplerState = SamplerState,
  P extends InverseProblem = InverseProblem,
> {
  /** The name that errors and reports use. */
  readonly name: string;
  /** What it needs of the problem; checked before the first step, whatever the types say. */
  readonly needs?: readonly Need[];
  /** Takes a gradient through the denoiser. */
  readonly differentiates?: boolean;
  /** `state.x` lies at `sigma_i` before step i: what `spgd` may wrap. */
  readonly atNoiseLevel?: true;
  /** What to change when an item diverges, e.g. "lower learningRate". */
  readonly remedy?: string;
  /** The first state, at `sigma_0`. */
  init(problem: P, run: RunContext): S;
  /** One step, from `level.sigma` to `level.sigmaNext`. */
  step(state: S, problem: P, level: StepLevel, run: RunContext): Step<S> | Promise<Step<S>>;
}
