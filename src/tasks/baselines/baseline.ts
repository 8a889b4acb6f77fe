import type { Tensor4D } from '@tensorflow/tfjs';
import type { ForwardOperator, LinearOperator } from 'spgd';

/** What a baseline may know: all but the clean image. */
export interface BaselineProblem<Operator extends ForwardOperator = ForwardOperator> {
  /** A: how the clean image became the measurement. */
  readonly operator: Operator;
  /** y: `[1, height, width, channels]`. */
  readonly measurement: Tensor4D;
  /** Standard deviation of the noise on the [-1, 1] scale. */
  readonly noiseStd: number;
  /** Seed of what is drawn: any integer. */
  readonly seed: number;
}

/** A simple way to restore without a learned prior, to compare with. */
export interface Baseline<Operator extends ForwardOperator = ForwardOperator> {
  /** The name for captions. */
  readonly name: string;
  /** The restored image; the caller disposes it. */
  restore(problem: BaselineProblem<Operator>): Tensor4D | Promise<Tensor4D>;
}

/** A baseline for linear measurements. */
export type LinearBaseline = Baseline<LinearOperator>;
