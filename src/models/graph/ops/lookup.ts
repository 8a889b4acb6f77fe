import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** Rows of a table by int32 labels `[batch]`: the class embedding. */
export const lookup: GraphOp = {
  emit({ name, inputs, weights, attributes }, graph) {
    const table = graph.weight(weights!.table!);
    const axis = graph.integers([0], []);
    graph.node(name, 'GatherV2', [table, inputs[0]!, axis], {
      Tparams: { type: 'DT_FLOAT' },
      Tindices: { type: 'DT_INT32' },
      Taxis: { type: 'DT_INT32' },
    });
    graph.setShape(name, [attributes!.channels!]);
  },
  forward: (_layer, [label], weights) => ({
    output: tf.gather(weights.get('table') as Tensor2D, label as Tensor1D),
  }),
};
