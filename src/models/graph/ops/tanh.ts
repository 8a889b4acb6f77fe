import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';
import { share } from '../share';

/** The hyperbolic tangent. */
export const tanh: GraphOp = {
  emit({ name, inputs }, graph) {
    graph.node(name, 'Tanh', inputs);
    graph.setShape(name, graph.shapeOf(inputs[0]!));
  },
  forward(_layer, [x]) {
    const output = tf.tanh(x!);
    return { output, saved: [share(output)] };
  },
  backward: (_layer, dy, [output]) => [tf.mul(dy, tf.sub(1, tf.square(output!)))],
};
