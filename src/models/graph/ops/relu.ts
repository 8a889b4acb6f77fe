import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';
import { share } from '../share';

/** `max(x, slope x)`: the leaky ReLU of `attributes.slope` in [0, 1), plain at 0. */
export const relu: GraphOp = {
  emit({ name, inputs, attributes }, graph) {
    const slope = attributes!.slope!;
    if (slope === 0) graph.node(name, 'Relu', inputs);
    else {
      const factor = graph.floats(`${name}/slope`, [slope]);
      const scaled = graph.node(`${name}/scaled`, 'Mul', [inputs[0]!, factor]);
      graph.node(name, 'Maximum', [inputs[0]!, scaled]);
    }
    graph.setShape(name, graph.shapeOf(inputs[0]!));
  },
  forward({ attributes }, [x]) {
    const slope = attributes!.slope!;
    const output = slope === 0 ? tf.relu(x!) : tf.leakyRelu(x!, slope);
    return { output, saved: [share(output)] };
  },
  // The sign of the output is that of x, and the output is kept by the next layer anyway.
  backward: ({ attributes }, dy, [output]) => [tf.mul(dy, tf.step(output!, attributes!.slope!))],
};
