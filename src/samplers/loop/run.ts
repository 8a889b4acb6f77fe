import type { Tensor4D } from '@tensorflow/tfjs';
import type { NoiseSchedule } from '../../schedulers/schedule';
import type { InverseProblem, SamplerState } from '../sampler';
import type { ImageShape } from './check-problem';

/** An inverse problem as a caller states it. */
export type ProblemOptions<P extends InverseProblem = InverseProblem> = Omit<P, 'noise'> & {
  /**
   * The noise of the measurement. Samplers that use it, such as `diffpir`, `ddrm` and `daps`, have no
   * default for it.
   * @default gaussianNoise(0)
   */
  readonly noise?: P['noise'];
};

/** The step that was just taken; its tensors are valid until `onStep` returns. */
export interface StepInfo<S extends SamplerState = SamplerState> {
  /** The step, from 0 to total - 1. */
  readonly index: number;
  /** Number of steps of the run. */
  readonly total: number;
  /** The noise level before the step. */
  readonly sigma: number;
  /** The noise level after the step; 0 at the end of most schedules. */
  readonly sigmaNext: number;
  /** x after the step, `[batch, height, width, channels]`. */
  readonly x: Tensor4D;
  /** The estimate of the clean image, `[batch, height, width, channels]`. */
  readonly denoised: Tensor4D;
  /** The residual of `denoised`, `|y - A(denoised)|²`, one number an item. */
  readonly error: readonly number[];
  /** The state after the step: with `index + 1` it is what `resume` takes. */
  readonly state: S;
}

/** What a saved state belongs to, by name: options, the digest of a photo. */
export type StateOrigin = Readonly<Record<string, string | number>>;

/** Where a run continues. */
export interface Resume<S extends SamplerState = SamplerState> {
  /** The step to take next, from 0 to total - 1. */
  readonly index: number;
  /** The state before that step; it is copied. */
  readonly state: S;
}

/** Options of `sample` and `steps`. */
export interface RunOptions<S extends SamplerState = SamplerState> {
  /** Noise levels, e.g. `edmSchedule({ steps: 100 })`. */
  schedule: NoiseSchedule;
  /**
   * Item k of the batch draws its noise from the seed `seed + k`: any integer.
   * @default 0
   */
  seed?: number;
  /** The seed of each item, in place of `seed`. */
  seeds?: readonly number[];
  /**
   * Restores one measurement so many times, as one batch: an integer >= 1. Sample k has the seed
   * `seed + k`. `posterior` draws many in groups.
   * @default one image for each measurement
   */
  samples?: number;
  /** `x_T`, at the first noise level, in place of noise; finite. The caller keeps it. */
  start?: Tensor4D;
  /** Height, width and channels of x, where the operator cannot tell. */
  imageShape?: ImageShape;
  /** Continues an earlier run with the same options, to the identical result. */
  resume?: Resume<S>;
  /** Ends the run with an AbortError within one network pass. */
  signal?: AbortSignal;
}

/** The result of a run. */
export interface SampleResult {
  /** The restored images, `[batch, height, width, channels]`, not clipped; the caller disposes them. */
  readonly sample: Tensor4D;
}
