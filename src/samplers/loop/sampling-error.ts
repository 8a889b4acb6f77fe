import type { Tensor4D } from '@tensorflow/tfjs';

/** An item that did not finish. */
export interface ItemFailure {
  /** Its place in the batch. */
  readonly item: number;
  /** The step at which it held NaN or infinity. */
  readonly step: number;
  /** What to change. */
  readonly advice: string;
}

/** An item that finished although others failed. */
export interface FinishedItem {
  /** Its place in the batch. */
  readonly item: number;
  /** Its image, `[1, height, width, channels]`; whoever catches the error disposes it. */
  readonly sample: Tensor4D;
}

/** Items of a batch diverged; the images of the others are in `finished`. */
export class SamplingError extends Error {
  /** Tells it from other errors. */
  override readonly name = 'SamplingError';

  constructor(
    /** The items that diverged. */
    readonly failures: readonly ItemFailure[],
    /** The items that finished all steps. */
    readonly finished: readonly FinishedItem[],
  ) {
    const list = failures.map(
      ({ item, step, advice }) => `item ${item} became NaN or infinite at step ${step}: ${advice}`,
    );
    super(list.join('; '));
  }
}
