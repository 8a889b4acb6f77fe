import type { Tensor4D } from '@tensorflow/tfjs';
import type { Shape4D } from '../internal/shape';

export type { Shape4D };

/**
 * How a clean image becomes its measurement: `y = A(x)`, without the noise.
 *
 * Images are `[batch, height, width, channels]`, float32, values in [-1, 1]. An operator treats
 * each item of a batch alone, and neither keeps nor disposes its arguments.
 */
export interface ForwardOperator {
  /** The name that errors and reports use. */
  readonly name: string;
  /** `A(x)`, differentiable in x by the tape of TensorFlow.js. */
  forward(x: Tensor4D): Tensor4D;
  /** The shape of x, from the shape of y; without it both are the same. */
  imageShape?(measurement: Shape4D): Shape4D;
  /**
   * How far A looks, in pixels of x: a value of y depends on no pixel farther away, and is shifted
   * with the image. Left out: on the whole image. A local operator lets a large photo be restored
   * in blocks.
   */
  readonly reach?: number;
  /**
   * y with 0 wherever nothing is measured, whatever y holds there. A run passes its measurement
   * through it, so that no result depends on what a mask hides; without it, y is used as it is.
   */
  observed?(y: Tensor4D): Tensor4D;
  /** An image as viewers show y, which nearly measures y; where `A⁺y` does not look natural. */
  decode?(y: Tensor4D): Tensor4D;
  /**
   * Checks values that lie on the device, such as those of a mask; a run awaits it before its first
   * step.
   */
  check?(): Promise<void>;
}

/** When a solver that iterates may end: whichever comes first. */
export interface SolveEffort {
  /**
   * Error of the result, relative to it, > 0.
   * @default 1e-4
   */
  readonly error?: number;
  /**
   * Products with `A'A`, an integer >= 1.
   * @default that of the operator
   */
  readonly iterations?: number;
}

/** A linear measurement: `A(a u + b v) = a A(u) + b A(v)`. */
export interface LinearOperator extends ForwardOperator {
  /** `A'y`, with `<A x, y> = <x, A'y>`; differentiable in y. */
  adjoint(y: Tensor4D): Tensor4D;
  /** `A⁺y`, the least-squares solution of smallest norm. */
  pseudoInverse?(y: Tensor4D): Tensor4D;
  /** `(A'A + damping I)⁻¹ b`, with damping > 0; where it takes iterations, as well as `effort` says. */
  solve?(b: Tensor4D, damping: number, effort?: SolveEffort): Tensor4D;
  /** Singular values and their transforms, where they are known. */
  readonly spectrum?: Spectrum;
}

/** A linear operator with solvers, exact or by conjugate gradients. */
export interface SolvableOperator extends LinearOperator {
  /** A bound of the largest singular value, where there is one. */
  readonly norm?: number;
  /** `A⁺y`, the least-squares solution of smallest norm. */
  pseudoInverse(y: Tensor4D): Tensor4D;
  /** `(A'A + damping I)⁻¹ b`, with damping > 0; where it takes iterations, as well as `effort` says. */
  solve(b: Tensor4D, damping: number, effort?: SolveEffort): Tensor4D;
}

/** How much noise `conditionalMean` is to assume. */
export interface ConditionalNoise {
  /** Standard deviation of the noise of y, >= 0. */
  readonly std: number;
  /** Standard deviation of the noise of the image, > 0; `Infinity` for an unknown image. */
  readonly sigma: number;
}

/** An operator, linear or not, for which the mean of x near a given image has a closed form. */
export interface ConditionalOperator extends ForwardOperator {
  /**
   * The mean of x given `y = A(x) + std n` and `image = x + sigma n`, with std >= 0, sigma up to Infinity and
   * n normal. For a linear operator it is `argmin |y - A x|² / std² + |x - image|² / sigma²`.
   */
  conditionalMean(image: Tensor4D, y: Tensor4D, noise: ConditionalNoise): Tensor4D;
}

/** An operator with a proximal step: by its conditional mean, or by the solver of a linear one. */
export type ProximalOperator = SolvableOperator | ConditionalOperator;

/** A linear operator whose singular values are known. */
export interface SpectralOperator extends SolvableOperator {
  /** Singular values and their transforms. */
  readonly spectrum: Spectrum;
}

/**
 * A singular value decomposition `A = U diag(s) V'` by its transforms.
 *
 * There may be more coefficients than pixels: only `V V' = I` and kept norms are required.
 */
export interface Spectrum {
  /**
   * Singular values s >= 0 for images of this shape; they broadcast against the coefficients. The
   * caller disposes them.
   */
  values(image: Shape4D): Tensor4D;
  /** `V'x`: image to coefficients. */
  analyze(x: Tensor4D): Tensor4D;
  /** `V c`: coefficients to image. */
  synthesize(coefficients: Tensor4D): Tensor4D;
  /** `U'y`: measurement to coefficients, 0 where s is 0. */
  analyzeMeasurement(y: Tensor4D): Tensor4D;
}
