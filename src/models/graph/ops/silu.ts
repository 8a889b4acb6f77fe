import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** `x sigmoid(x)` of an embedding; images have it inside `groupNorm`. */
export const silu: GraphOp = {
  emit({ name, inputs }, graph) {
    const gate = graph.node(`${name}/sigmoid`, 'Sigmoid', inputs);
    graph.node(name, 'Mul', [inputs[0]!, gate]);
    graph.setShape(name, graph.shapeOf(inputs[0]!));
  },
  forward: (_layer, [x]) => ({ output: tf.mul(x!, tf.sigmoid(x!)) }),
};
