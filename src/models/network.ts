import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';

/**
 * A trained network `F(x, t)`: image `[batch, height, width, channels]` and time `[batch]` to an
 * image of at least as many channels. Any such function will do; the rest is optional.
 */
export interface Network {
  (x: Tensor4D, t: Tensor1D): Tensor4D;
  /**
   * `F(x, t)` and the gradient in x of `<cotangent, F(x, t)>`, without the tape of the caller.
   * `cotangent` is called once, with the output.
   */
  vjp?(
    x: Tensor4D,
    t: Tensor1D,
    cotangent: (output: Tensor4D) => Tensor4D,
  ): {
    /** `F(x, t)`. */
    output: Tensor4D;
    /** The gradient in x. */
    gradient: Tensor4D;
  };
  /** Height, width and channels it takes; null stands for any. */
  readonly imageShape?: readonly [number | null, number | null, number | null];
  /** Height and width must divide by this. */
  readonly multipleOf?: number;
  /** Frees what the network holds. */
  dispose?(): void;
}
