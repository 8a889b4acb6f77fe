import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** The sum of two values of one shape. */
export const add: GraphOp = {
  emit({ name, inputs }, graph) {
    graph.node(name, 'AddV2', inputs);
    graph.setShape(name, graph.shapeOf(inputs[0]!));
  },
  forward: (_layer, [a, b]) => ({ output: tf.add(a!, b!) }),
  backward: (_layer, dy) => [tf.clone(dy), tf.clone(dy)],
};
