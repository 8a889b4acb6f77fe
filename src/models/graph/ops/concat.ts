import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** Two images side by side in their channels; `attributes.first` is the channels of the first. */
export const concat: GraphOp = {
  emit({ name, inputs }, graph) {
    const [height, width, first] = graph.shapeOf(inputs[0]!);
    const [, , second] = graph.shapeOf(inputs[1]!);
    graph.node(name, 'ConcatV2', [...inputs, graph.integers([3], [])], {
      N: { i: '2' },
      Tidx: { type: 'DT_INT32' },
    });
    graph.setShape(name, [height!, width!, first! + second!]);
  },
  forward: (_layer, [a, b]) => ({ output: tf.concat([a as Tensor4D, b as Tensor4D], 3) }),
  backward({ attributes }, dy) {
    const first = attributes!.first!;
    const second = (dy as Tensor4D).shape[3] - first;
    return tf.split(dy as Tensor4D, [first, second], 3);
  },
};
