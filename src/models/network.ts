import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import type { Denoiser } from './denoiser';

/**
 * A trained network `F(x, t)`: image `[batch, height, width, channels]` and time `[batch]` to an
 * image of at least as many channels. Any such function will do; the rest is optional.
 */
export interface Network extends Pick<Denoiser, 'imageShape' | 'multipleOf'> {
  (x: Tensor4D, t: Tensor1D): Tensor4D;
  /** A forward pass that keeps what its backward pass needs, without the caller's tape. */
  linearize?(x: Tensor4D, t: Tensor1D): LinearizedNetwork;
  /** Frees what the network holds. */
  dispose?(): void;
}

/**
 * A network linearized at one x: as `Linearized`, of `F` in place of `D`. It keeps tensors that no
 * `tf.tidy` frees: call `backward` once, or `dispose`, or both.
 */
export interface LinearizedNetwork<Output extends Tensor = Tensor4D> {
  /** `F(x, t)`; the caller disposes it. */
  readonly output: Output;
  /** The gradient in x of `<cotangent, F(x, t)>`; at most once. It frees what was kept. */
  backward(cotangent: Output): Tensor4D;
  /** Frees what is kept for `backward`; harmless when there is nothing left. */
  dispose(): void;
}
