import type { Layer, OpName } from './layer';
import type { WeightSpec } from './weight-spec';

/** A value of the program: its name, and its number of channels. */
export interface Value {
  readonly name: string;
  readonly channels: number;
}

/** Appends layers and weights, and returns what later layers call them. */
export interface LayerWriter {
  readonly blocks: Layer[][];
  readonly weights: WeightSpec[];
  /** Adds a layer to the last block. */
  layer(
    op: OpName,
    name: string,
    inputs: readonly string[],
    channels: number,
    rest?: Pick<Layer, 'weights' | 'attributes'>,
  ): Value;
  /** Adds a weight and returns its name. */
  weight(
    name: string,
    shape: readonly number[],
    layout: WeightSpec['layout'],
    order?: readonly number[],
  ): string;
}

/** Starts with one empty block. */
export function layerWriter(): LayerWriter {
  const blocks: Layer[][] = [[]];
  const weights: WeightSpec[] = [];
  return {
    blocks,
    weights,
    layer(op, name, inputs, channels, rest = {}) {
      blocks.at(-1)!.push({ name, op, inputs, ...rest });
      return { name, channels };
    },
    weight(name, shape, layout, order) {
      weights.push(order ? { name, shape, layout, order } : { name, shape, layout });
      return name;
    },
  };
}
