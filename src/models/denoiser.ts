import type { Tensor4D } from '@tensorflow/tfjs';

/**
 * The prior: `D(x; sigma) = E[x_0 | x_sigma = x]` with `x_sigma = x_0 + sigma n`.
 *
 * Its score is `(D(x; sigma) - x) / sigma^2`. Images are `[batch, height, width, channels]` with
 * clean values in [-1, 1]; each item of a batch must give what it gives alone.
 *
 * Reference: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models",
 * NeurIPS 2022.
 */
export interface Denoiser {
  /** The expected clean image, differentiable in x by the tape of TensorFlow.js. */
  denoise(x: Tensor4D, sigma: number): Tensor4D;
  /**
   * A forward pass that keeps what its backward pass needs: faster or smaller than the tape, and
   * equal to it.
   */
  linearize?(x: Tensor4D, sigma: number): Linearized;
  /** Height, width and channels of the x that it takes; null stands for any. */
  readonly imageShape?: readonly [number | null, number | null, number | null];
  /** Height and width must divide by this. */
  readonly multipleOf?: number;
  /**
   * The lowest and the highest sigma at which it denoises; without it, every sigma > 0. `sample` and
   * `steps` reject a schedule that leaves this range.
   */
  readonly sigmaRange?: readonly [lowest: number, highest: number];
  /** Parts of its answer belong to places of the image: `selfEnsemble` leaves it as it is. */
  readonly placed?: true;
  /** Frees what the denoiser holds. */
  dispose?(): void;
}

/**
 * A denoiser linearized at one x and sigma: the value, and the transposed Jacobian J'.
 *
 * It keeps tensors that no `tf.tidy` frees: call `backward` once, or `dispose`, or both.
 */
export interface Linearized {
  /** `D(x; sigma)`, a tensor like any other: the caller, or the caller's `tf.tidy`, disposes it. */
  readonly denoised: Tensor4D;
  /**
   * `J' v`: the gradient in x of `<cotangent, D(x; sigma)>`, and the caller's. Call it at most once:
   * it frees what was kept, also where it throws.
   */
  backward(cotangent: Tensor4D): Tensor4D;
  /** Frees what is kept for `backward`; harmless when there is nothing left. */
  dispose(): void;
}
