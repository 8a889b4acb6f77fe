import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';
import { share } from '../share';

/** An image `[batch, height, width, channels]` plus one vector `[batch, channels]` at each pixel. */
export const addVector: GraphOp = {
  emit({ name, inputs }, graph) {
    const shape = graph.shapeOf(inputs[0]!);
    const wide = graph.integers([-1, 1, 1, shape[2]!]);
    const vector = graph.node(`${name}/reshape`, 'Reshape', [inputs[1]!, wide]);
    graph.node(name, 'AddV2', [inputs[0]!, vector]);
    graph.setShape(name, shape);
  },
  forward(_layer, [x, vector]) {
    const [batch, channels] = vector!.shape as [number, number];
    return { output: tf.add(x!, tf.reshape(vector!, [batch, 1, 1, channels])) };
  },
  backward: (_layer, dy) => [share(dy)],
};
