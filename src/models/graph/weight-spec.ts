/** How a weight of a state dict is laid out, and so how it is turned to ours. */
export type WeightLayout =
  /** As it is. */
  | 'vector'
  /** `[out, in, h, w]` to `[h, w, in, out]`. */
  | 'conv2d'
  /** `[out, in, 1]` to `[1, 1, in, out]`. */
  | 'conv1d'
  /** `[out, in]` to `[in, out]`. */
  | 'linear'
  /** A table, as it is. */
  | 'table';

/** One weight that a network needs. */
export interface WeightSpec {
  /** Its name in the state dict and in the graph. */
  readonly name: string;
  /** Its shape in the graph. */
  readonly shape: readonly number[];
  readonly layout: WeightLayout;
  /** Output channels to take, in order, where the state dict has them in another. */
  readonly order?: readonly number[];
}
