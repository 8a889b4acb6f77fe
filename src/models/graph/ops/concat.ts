import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** Two values side by side in their last axis: the channels of images, or features. */
export const concat: GraphOp = {
  emit({ name, inputs }, graph) {
    const [first, second] = inputs.map((input) => graph.shapeOf(input)) as [number[], number[]];
    graph.node(name, 'ConcatV2', [...inputs, graph.integers([first.length], [])], {
      N: { i: '2' },
    });
    graph.setShape(name, [...first.slice(0, -1), first.at(-1)! + second.at(-1)!]);
  },
  forward: (_layer, [a, b]) => ({ output: tf.concat([a!, b!], a!.rank - 1) }),
  backward: (_layer, dy, _saved, _weights, shapes) =>
    tf.split(
      dy,
      shapes.map((shape) => shape.at(-1)!),
      dy.rank - 1,
    ),
};
