import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/**
 * Rows of a table by int32 labels `[batch]`: the class embedding; times `attributes.scale`, plus a bias,
 * where they are given.
 */
export const lookup: GraphOp = {
  emit({ name, inputs, weights, attributes }, graph) {
    const table = graph.weight(weights!.table!);
    const axis = graph.integers([0], []);
    const [scale, bias] = [attributes!.scale, weights!.bias];
    const isPlain = scale === undefined && bias === undefined;
    const rows = graph.node(isPlain ? name : `${name}/rows`, 'GatherV2', [table, inputs[0]!, axis]);
    if (!isPlain) {
      const factor = graph.floats(`${name}/scale`, [scale ?? 1]);
      const scaled = graph.node(bias ? `${name}/scaled` : name, 'Mul', [rows, factor]);
      if (bias) graph.node(name, 'AddV2', [scaled, graph.weight(bias)]);
    }
    graph.setShape(name, [attributes!.channels!]);
  },
  forward(layer, [label], weights) {
    const { scale = 1 } = layer.attributes!;
    const rows = tf.mul(tf.gather(weights.get('table') as Tensor2D, label as Tensor1D), scale);
    return { output: layer.weights!.bias ? tf.add(rows, weights.get('bias')) : rows };
  },
};
