import type { Tensor } from '@tensorflow/tfjs';
import type { GraphBuilder } from './graph-builder';
import type { Layer } from './layer';

/** The numbers that the convolutions of a network compute in. */
export type Precision = 'float32' | 'bfloat16';

/** The weights of one layer, on the device. */
export interface LayerWeights {
  /** What its convolution computes in. */
  readonly precision: Precision;
  /** Bytes of all weights of its model. */
  readonly modelBytes: number;
  /** The weight of a role, e.g. `filter`. */
  get(role: string): Tensor;
  /** A tensor derived from weights: made once, freed with the model. */
  derived(key: string, make: () => Tensor): Tensor;
}

/**
 * One kind of layer in three forms that must agree: plain TensorFlow nodes, and a forward and a
 * backward pass of our own, without the tape and at any size.
 *
 * `forward` and `backward` run inside a tidy; they must not return a tensor they were given, and
 * `saved` must hold clones of what it keeps.
 */
export interface GraphOp {
  /** Adds the nodes; the last one carries the name of the layer. */
  emit(layer: Layer, graph: GraphBuilder): void;
  /** The value, and the tensors that `backward` needs. */
  forward(
    layer: Layer,
    inputs: readonly Tensor[],
    weights: LayerWeights,
  ): { output: Tensor; saved?: readonly Tensor[] };
  /**
   * Gradients in the inputs, in their order; those that do not depend on x are left out. `shapes`
   * are those of the inputs.
   */
  backward?(
    layer: Layer,
    dy: Tensor,
    saved: readonly Tensor[],
    weights: LayerWeights,
    shapes: readonly (readonly number[])[],
  ): readonly Tensor[];
}
