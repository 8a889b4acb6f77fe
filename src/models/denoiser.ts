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
   * The denoised image and the gradient in x of `<cotangent, D(x; sigma)>`, faster or smaller than
   * the tape and equal to it. `cotangent` is called once, with the denoised image.
   */
  vjp?(
    x: Tensor4D,
    sigma: number,
    cotangent: (denoised: Tensor4D) => Tensor4D,
  ): {
    /** `D(x; sigma)`. */
    denoised: Tensor4D;
    /** The gradient in x. */
    gradient: Tensor4D;
  };
  /** Height, width and channels it takes; null stands for any. */
  readonly imageShape?: readonly [number | null, number | null, number | null];
  /** Height and width must divide by this. */
  readonly multipleOf?: number;
  /** Frees what the denoiser holds. */
  dispose?(): void;
}
