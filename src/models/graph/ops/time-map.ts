import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** An image with one channel more, the last, which holds the time `[batch]` at each pixel. */
export const timeMap: GraphOp = {
  emit({ name, inputs }, graph) {
    const [height, width, channels] = graph.shapeOf(inputs[0]!) as [number, number, number];
    const number = graph.node(`${name}/number`, 'Reshape', [
      inputs[1]!,
      graph.integers([-1, 1, 1, 1]),
    ]);
    const map = graph.node(`${name}/map`, 'Tile', [number, graph.integers([1, height, width, 1])]);
    graph.node(name, 'ConcatV2', [inputs[0]!, map, graph.integers([3], [])], {
      N: { i: '2' },
    });
    graph.setShape(name, [height, width, channels + 1]);
  },
  forward(_layer, [x, t]) {
    const [batch, height, width] = (x as Tensor4D).shape;
    const number = tf.reshape(t as Tensor1D, [batch, 1, 1, 1]);
    return { output: tf.concat([x!, tf.tile(number, [1, height, width, 1])], 3) };
  },
  backward: (_layer, dy, _saved, _weights, [shape]) => [
    tf.slice(dy as Tensor4D, [0, 0, 0, 0], shape as [number, number, number, number]),
  ],
};
