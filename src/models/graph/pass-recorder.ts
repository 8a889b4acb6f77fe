import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { LinearizedNetwork } from '../network';

/** The passes of a program for inputs of one shape, each as one call of the backend. */
export interface RecordedPasses {
  /** The forward pass, which keeps nothing. */
  forward(inputs: readonly Tensor[]): Tensor;
  /** The forward pass that keeps what the backward pass needs. */
  linearize(inputs: readonly Tensor[]): LinearizedNetwork<Tensor>;
  /** Frees what the backend holds for them. */
  dispose(): void;
}

/** What a backend may offer: to record the operations of both passes, and run them as one graph. */
export interface PassRecorder {
  /**
   * Records `linearize` on these inputs: shapes are fixed from then on, values are not. Undefined where
   * the backend cannot.
   */
  record(
    inputs: readonly Tensor[],
    linearize: () => LinearizedNetwork<Tensor>,
  ): RecordedPasses | undefined;
}

// The entries of the package share no module in CommonJS, but they share the backend.
const key = Symbol.for('spgd.passRecorder');

type Offering = { [key]?: PassRecorder | undefined };

/** Gives the present backend a recorder, or takes it away. */
export const offerRecorder = (recorder: PassRecorder | undefined): void => {
  (tf.backend() as Offering)[key] = recorder;
};

/** The recorder of the present backend, where it has one. */
export const passRecorder = (): PassRecorder | undefined => (tf.backend() as Offering)[key];
