import type { Tensor4D } from '@tensorflow/tfjs';
import type { Moments } from '../../internal/moments';
import type { Candidate } from '../nearest-fit';
import type { SamplerState } from '../sampler';
import type { Consistency } from './consistency';
import type { Resume, RunOptions, StepInfo } from './run';
import type { ItemFailure } from './sampling-error';

/** What `posterior` carries from sample to sample; with the number of samples it is what `resume` takes. */
export type PosteriorState = SamplerState & {
  /** Samples in the mean: those that did not diverge. */
  readonly count: number;
  /** Sum of squared distances from the mean, which is x. */
  readonly squares: Tensor4D;
  /** Measured values, squared residual and twice the negative log-likelihood, summed over samples. */
  readonly fit: readonly number[];
  /** All samples, where they are kept. */
  readonly kept: readonly Tensor4D[];
  /** The sample that fits best, and its residual, where it is kept. */
  readonly nearest: readonly Candidate[];
  /** Numbers and steps of the samples that diverged. */
  readonly failed: readonly (readonly number[])[];
};

/** The sample that was just drawn; its tensors are valid until `onSample` returns. */
export interface SampleInfo {
  /** The sample, from 0 to total - 1. */
  readonly index: number;
  /** Number of samples of the run. */
  readonly total: number;
  /** The sample, `[1, height, width, channels]`. */
  readonly sample: Tensor4D;
  /** How well it explains the measurement. */
  readonly consistency: Consistency;
  /** The mean of the samples so far, `[1, height, width, channels]`. */
  readonly mean: Tensor4D;
  /** The state after the sample: with `index + 1` it is what `resume` takes. */
  readonly state: PosteriorState;
}

/** Options of `posterior`. */
export interface PosteriorOptions
  extends Omit<RunOptions, 'samples' | 'resume' | 'start' | 'seed' | 'seeds'> {
  /**
   * Number of samples, an integer >= 2. Each costs one run of the sampler.
   * @default 8
   */
  samples?: number;
  /**
   * Samples drawn at once, an integer >= 1. It bounds memory. Equal seeds give equal samples for any
   * grouping, up to rounding; for one grouping to the bit.
   * @default as many as have 65,536 pixels together, at least 1
   */
  batch?: number;
  /**
   * Sample k draws its noise from the seed `seed + k`: any integer.
   * @default 0
   */
  seed?: number;
  /** The seed of each sample, in place of `seed`. */
  seeds?: readonly number[];
  /**
   * The samples to return: all of them, which takes memory for each, or the one whose residual is
   * smallest, for problems with several solutions such as phase retrieval.
   * @default 'none'
   */
  keep?: 'none' | 'nearest' | 'all';
  /**
   * Probabilities in [0, 1] whose quantiles to compute at each pixel. It needs `keep: 'all'`, and n
   * samples resolve no tail below `1 / n`; `credibleInterval` extrapolates.
   * @default none
   */
  quantiles?: readonly number[];
  /** Continues an earlier run with the same options, to the identical result. */
  resume?: Resume<PosteriorState>;
  /** Called after each step of each group, and awaited; `group` counts from 0. */
  onStep?: (info: StepInfo & { readonly group: number }) => void | Promise<void>;
  /** Called after each sample, and awaited. */
  onSample?: (info: SampleInfo) => void | Promise<void>;
}

/** The result of `posterior`; the caller disposes its tensors. */
export interface PosteriorResult extends Moments {
  /** `[kept, height, width, channels]`, in the order of their seeds, where samples are kept. */
  readonly samples?: Tensor4D;
  /** One image for each probability, `[1, height, width, channels]`. */
  readonly quantiles?: readonly Tensor4D[];
  /** How well the samples explain the measurement, all together. */
  readonly consistency: Consistency;
  /** Samples that diverged; they are in none of the numbers above. */
  readonly failures: readonly ItemFailure[];
}
