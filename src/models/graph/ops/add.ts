import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';
import { share } from '../share';

/** The sum of two values of one shape, times `attributes.scale` where it is given. */
export const add: GraphOp = {
  emit({ name, inputs, attributes }, graph) {
    const scale = attributes?.scale;
    const sum = graph.node(scale === undefined ? name : `${name}/sum`, 'AddV2', inputs);
    if (scale !== undefined) graph.node(name, 'Mul', [sum, graph.floats(`${name}/scale`, [scale])]);
    graph.setShape(name, graph.shapeOf(inputs[0]!));
  },
  forward({ attributes }, [a, b]) {
    const sum = tf.add(a!, b!);
    return { output: attributes?.scale === undefined ? sum : tf.mul(sum, attributes.scale) };
  },
  backward({ attributes }, dy) {
    const scaled = () => tf.mul(dy, attributes?.scale ?? 1);
    return attributes?.scale === undefined ? [share(dy), share(dy)] : [scaled(), scaled()];
  },
};
