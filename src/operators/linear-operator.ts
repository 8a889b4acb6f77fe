import type { Tensor4D } from '@tensorflow/tfjs';
import { adjointPair, type ImageMap } from '../internal/adjoint-pair';
import { checkPositive } from '../internal/check';
import { checkImage } from './check-image';
import { normalSolvers } from './conjugate-gradient';
import type { Shape4D, SolvableOperator, SpectralOperator, Spectrum } from './operator';
import { spectralSolvers } from './spectral-solvers';

/** The parts of a linear operator. The maps need not be differentiable: each is the gradient of the other. */
export interface LinearOperatorParts {
  /** The name that errors and reports use. */
  readonly name: string;
  /** `A x`. */
  readonly forward: ImageMap;
  /** `A'y`, exactly the transpose of `forward`. */
  readonly adjoint: ImageMap;
  /** Throws for an x of rank 4 whose shape does not fit. */
  readonly checkShape?: (x: Tensor4D) => void;
  /** The shape of x, from the shape of y; without it both are the same. */
  readonly imageShape?: (measurement: Shape4D) => Shape4D;
  /** y with 0 wherever nothing is measured; by default y as it is. */
  readonly observed?: ImageMap;
  /** Checks values that lie on the device; awaited before the first step of a run. */
  readonly check?: () => Promise<void>;
  /** `A⁺y`; by default from the spectrum, or by conjugate gradients. */
  readonly pseudoInverse?: ImageMap;
  /** `(A'A + damping I)⁻¹ b`; by default from the spectrum, or by conjugate gradients. */
  readonly solve?: (b: Tensor4D, damping: number) => Tensor4D;
  /** Singular values and their transforms, where they are known. */
  readonly spectrum?: Spectrum;
  /**
   * Products with `A'A` of the solvers by conjugate gradients, an integer >= 1.
   * @default 50
   */
  readonly iterations?: number;
  /** The largest singular value, where it is known: strongly damped conjugate gradients end earlier. */
  readonly norm?: number;
  /** How far A looks, in pixels of x; left out: over the whole image. */
  readonly reach?: number;
}

/**
 * A complete linear operator from its parts. Solvers that are left out are exact with a spectrum, and
 * conjugate gradients without.
 */
export function linearOperator(
  parts: LinearOperatorParts & { readonly spectrum: Spectrum },
): SpectralOperator;
export function linearOperator(parts: LinearOperatorParts): SolvableOperator;
export function linearOperator(parts: LinearOperatorParts): SolvableOperator {
  const { name, imageShape, observed, check, spectrum, reach, norm } = parts;
  const maps = adjointPair(parts.forward, parts.adjoint);
  const solvers = spectrum
    ? spectralSolvers(spectrum, imageShape)
    : normalSolvers(maps, parts.iterations, norm);
  const { solve, pseudoInverse } = { ...solvers, ...parts };
  return {
    name,
    ...(imageShape && { imageShape }),
    ...(observed && { observed }),
    ...(check && { check }),
    ...(spectrum && { spectrum }),
    ...(reach !== undefined && { reach }),
    ...(norm !== undefined && { norm }),
    forward(x) {
      checkImage(name, 'x', x);
      parts.checkShape?.(x);
      return maps.forward(x);
    },
    adjoint(y) {
      checkImage(name, 'y', y);
      return maps.adjoint(y);
    },
    pseudoInverse(y) {
      checkImage(name, 'y', y);
      return pseudoInverse(y);
    },
    solve(b, damping, effort) {
      checkImage(name, 'b', b);
      checkPositive(name, 'damping', damping);
      return solve(b, damping, effort);
    },
  };
}
