import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** A function from image batch to image batch. */
export type ImageMap = (x: Tensor4D) => Tensor4D;

/** A linear map and its transpose. */
export interface AdjointPair {
  readonly forward: ImageMap;
  readonly adjoint: ImageMap;
}

/**
 * Two linear maps, each the transpose of the other, as tape operations: the gradient of either is
 * the other, to any order, and nothing inside is recorded.
 */
export function adjointPair(forward: ImageMap, adjoint: ImageMap): AdjointPair {
  const record = (map: ImageMap, gradient: () => ImageMap): ImageMap =>
    tf.customGrad((x: Tensor | tf.GradSaveFunc) => ({
      value: map(x as Tensor4D),
      gradFunc: (dy: Tensor4D) => gradient()(dy),
    })) as ImageMap;
  const pair: AdjointPair = {
    forward: record(forward, () => pair.adjoint),
    adjoint: record(adjoint, () => pair.forward),
  };
  return pair;
}
