import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** The two halves of a vector `[batch, 2 channels]`, each as `[batch, 1, 1, channels]`. */
const halvesOf = (vector: Tensor): Tensor[] =>
  tf.split(vector as Tensor2D, 2, 1).map((half) => tf.reshape(half, [half.shape[0], 1, 1, -1]));

/**
 * `x (1 + s) + t` at each pixel of an image: the scale s and the shift t are the halves of a vector
 * `[batch, 2 channels]`.
 */
export const scaleShift: GraphOp = {
  emit({ name, inputs }, graph) {
    const shape = graph.shapeOf(inputs[0]!);
    const channels = shape[2]!;
    const half = (suffix: string, from: number) => {
      const begin = graph.integers([0, from]);
      const size = graph.integers([-1, channels]);
      const part = graph.node(`${name}/${suffix}`, 'Slice', [inputs[1]!, begin, size]);
      const wide = graph.integers([-1, 1, 1, channels]);
      return graph.node(`${name}/${suffix}/reshape`, 'Reshape', [part, wide]);
    };
    const one = graph.floats(`${name}/one`, [1]);
    const gain = graph.node(`${name}/gain`, 'AddV2', [half('scale', 0), one]);
    const scaled = graph.node(`${name}/scaled`, 'Mul', [inputs[0]!, gain]);
    graph.node(name, 'AddV2', [scaled, half('shift', channels)]);
    graph.setShape(name, shape);
  },
  forward(_layer, [x, vector]) {
    const [scale, shift] = halvesOf(vector!);
    const gain = tf.add(scale!, 1);
    return { output: tf.add(tf.mul(x!, gain), shift!), saved: [gain] };
  },
  backward: (_layer, dy, [gain]) => [tf.mul(dy, gain!)],
};
