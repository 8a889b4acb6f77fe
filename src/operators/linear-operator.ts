import type { Tensor4D } from '@tensorflow/tfjs';
import { adjointPair, type ImageMap } from '../internal/adjoint-pair';
import { checkPositive } from '../internal/check';
import { checkImage } from './check-image';
import { normalSolvers } from './conjugate-gradient';
import type { Shape4D, SolvableOperator, SpectralOperator, Spectrum } from './operator';

/** What makes a linear operator; the maps need not be differentiable, they are each other's gradient. */
export interface LinearOperatorParts {
  /** The name that errors and reports use. */
  readonly name: string;
  /** `A x`. */
  readonly forward: ImageMap;
  /** `A'y`, exactly the transpose of `forward`. */
  readonly adjoint: ImageMap;
  /** Throws where x, whose rank is right, does not fit. */
  readonly checkShape?: (x: Tensor4D) => void;
  /** The shape of x, from the shape of y; without it both are the same. */
  readonly imageShape?: (measurement: Shape4D) => Shape4D;
  /** `A⁺y`; by default conjugate gradients. */
  readonly pseudoInverse?: ImageMap;
  /** `(A'A + damping I)⁻¹ b`; by default conjugate gradients. */
  readonly solve?: (b: Tensor4D, damping: number) => Tensor4D;
  /** Singular values and their transforms, where they are known. */
  readonly spectrum?: Spectrum;
}

/** A complete linear operator from its parts; solvers that are not given are conjugate gradients. */
export function linearOperator(
  parts: LinearOperatorParts & { readonly spectrum: Spectrum },
): SpectralOperator;
export function linearOperator(parts: LinearOperatorParts): SolvableOperator;
export function linearOperator(parts: LinearOperatorParts): SolvableOperator {
  const { name, imageShape, spectrum } = parts;
  const maps = adjointPair(parts.forward, parts.adjoint);
  const { solve, pseudoInverse } = { ...normalSolvers(maps), ...parts };
  return {
    name,
    ...(imageShape && { imageShape }),
    ...(spectrum && { spectrum }),
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
    solve(b, damping) {
      checkImage(name, 'b', b);
      checkPositive(name, 'damping', damping);
      return solve(b, damping);
    },
  };
}
