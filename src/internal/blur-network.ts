import type { Tensor4D } from '@tensorflow/tfjs';

/** A network that blurs images by kernel codes: what `loadBlurNetwork` gives. */
export interface BlurNetwork {
  /**
   * Images `[batch, height, width, channels]`, values in [0, 1], height and width multiples of
   * `multipleOf`, and codes `[batch, height / multipleOf, width / multipleOf, kernelChannels]`, to
   * blurred images; differentiable in x.
   */
  (x: Tensor4D, kernel: Tensor4D): Tensor4D;
  /** Height and width must divide by this. */
  readonly multipleOf: number;
  /** Channels of a kernel code. */
  readonly kernelChannels: number;
  /** Channels of an image. */
  readonly inChannels: number;
  /** Frees what the network holds. */
  dispose?(): void;
}
