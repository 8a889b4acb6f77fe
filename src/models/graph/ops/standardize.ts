import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

// Mean and standard deviation of ImageNet's colours on [0, 1], turned to [-1, 1].
const means = [0.485, 0.456, 0.406].map((mean) => 2 * mean - 1);
const stds = [0.229, 0.224, 0.225].map((std) => 2 * std);

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
