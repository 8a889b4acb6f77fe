/** How a weight of a state dict is laid out, and so how it is turned to ours. */
export type WeightLayout =
  /** As it is. */
  | 'vector'
  /** `[out, in, h, w]` to `[h, w, in, out]`. */
  | 'conv2d'
  /** `[out, in, 1]` to `[1, 1, in, out]`. */
  | 'conv1d'
  /**
   * A transposed convolution of 4 x 4 and stride 2, `[in, out, 4, 4]`, to the convolution of 2 x 2
   * that makes its four phases, `[2, 2, in, 4 out]`: before a shifted `pixelShuffle`.
   */
  | 'convTranspose2d'
  /**
   * A convolution after PyTorch's pixel unshuffle, `[out, 4 c, h, w]`, to one after `pixelUnshuffle`,
   * which has its channels in another order: `[h, w, 4 c, out]`.
   */
  | 'unshuffledConv2d'
  /** A convolution of 2 x 2, stride 2, `[out, in, 2, 2]`, to `[1, 1, 4 in, out]`: after `pixelUnshuffle`. */
  | 'conv2x2'
  /** Its transpose, `[in, out, 2, 2]`, to `[1, 1, in, 4 out]`: before a `pixelShuffle`. */
  | 'convTranspose2x2'
  /** `[1, channels, 1, 1]` to `[channels]`, values >= 0: the head of LPIPS for one layer. */
  | 'head'
  /** `[out, in]` to `[in, out]`. */
  | 'linear'
  /** `[out, in]` to the filter `[1, 1, in, out]`. */
  | 'linear2d'
  /** A table, as it is. */
  | 'table';

/** One weight that a network needs. */
export interface WeightSpec {
  /** Its name in the state dict and in the graph. */
  readonly name: string;
  /** Its shape in the graph. */
  readonly shape: readonly number[];
  readonly layout: WeightLayout;
  /** Names in the state dict whose rows, one after the other, make this weight; by default its own. */
  readonly parts?: readonly string[];
  /** Output channels to take, in order, where the state dict has them in another or only once. */
  readonly order?: readonly number[];
}
