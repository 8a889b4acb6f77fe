import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

// Mean and standard deviation of ImageNet's colours, of values in [-1, 1].
const means = [-0.03, -0.088, -0.188];
const stds = [0.458, 0.448, 0.45];

/** Colours in [-1, 1] as the networks of torchvision take them: `(x - mean) / std`. */
export const standardize: GraphOp = {
  emit({ name, inputs }, graph) {
    const centred = graph.node(`${name}/centred`, 'Sub', [
      inputs[0]!,
      graph.floats(`${name}/means`, means),
    ]);
    graph.node(name, 'RealDiv', [centred, graph.floats(`${name}/stds`, stds)]);
    graph.setShape(name, graph.shapeOf(inputs[0]!));
  },
  forward: (_layer, [x]) => ({ output: tf.div(tf.sub(x!, means), stds) }),
  backward: (_layer, dy) => [tf.div(dy, stds)],
};
