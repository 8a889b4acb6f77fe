import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp, LayerWeights } from '../op';
import { share } from '../share';

/** Keeps a pixel whose features are all 0 from dividing by 0. */
const epsilon = 1e-10;

const norms = (x: Tensor): Tensor => tf.sqrt(tf.sum(tf.square(x), 3, true));

/** `sqrt(head / pixels)`, `[channels]`. */
function scale(weights: LayerWeights, [, height, width]: readonly number[]): Tensor {
  const roots = weights.derived('roots', () => tf.sqrt(weights.get('head')));
  return tf.div(roots, Math.sqrt(height! * width!));
}

/**
 * The features of each pixel at unit length, times `sqrt(head / pixels)`, in one row `[batch, height x
 * width x channels]`. The squared distance of two rows is the mean over pixels of
 * `sum_c head_c (a_c - b_c)²`: one layer's part of LPIPS.
 */
export const unitFeatures: GraphOp = {
  emit({ name, inputs, weights }, graph) {
    const part = (suffix: string) => `${name}/${suffix}`;
    const [height, width, channels] = graph.shapeOf(inputs[0]!) as [number, number, number];
    const squares = graph.node(part('squares'), 'Square', inputs);
    const sums = graph.node(part('sums'), 'Sum', [squares, graph.integers([3])], {
      keep_dims: { b: true },
    });
    const lengths = graph.node(part('lengths'), 'Sqrt', [sums]);
    const safe = graph.node(part('safe'), 'AddV2', [
      lengths,
      graph.floats(part('epsilon'), [epsilon]),
    ]);
    const unit = graph.node(part('unit'), 'RealDiv', [inputs[0]!, safe]);
    const roots = graph.node(part('roots'), 'Sqrt', [graph.weight(weights!.head!)]);
    const share = graph.floats(part('share'), [1 / Math.sqrt(height * width)]);
    const factor = graph.node(part('factor'), 'Mul', [roots, share]);
    const scaled = graph.node(part('scaled'), 'Mul', [unit, factor]);
    graph.node(name, 'Reshape', [scaled, graph.integers([-1, height * width * channels])]);
    graph.setShape(name, [height * width * channels]);
  },
  forward(_layer, [x], weights) {
    const unit = tf.div(x!, tf.add(norms(x!), epsilon));
    const scaled = tf.mul(unit, scale(weights, x!.shape));
    return { output: tf.reshape(scaled, [x!.shape[0]!, -1]), saved: [share(x!)] };
  },
  backward(_layer, dy, [x], weights) {
    const length = norms(x!);
    const safe = tf.add(length, epsilon);
    const du = tf.mul(tf.reshape(dy, x!.shape), scale(weights, x!.shape));
    const along = tf.sum(tf.mul(du, x as Tensor4D), 3, true);
    // Where the length is 0 so is x, and with it the second term.
    const slope = tf.div(along, tf.mul(tf.maximum(length, epsilon), tf.square(safe)));
    return [tf.sub(tf.div(du, safe), tf.mul(x!, slope))];
  },
};
