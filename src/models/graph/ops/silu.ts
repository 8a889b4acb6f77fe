import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { fused } from '../hooks';
import type { GraphOp } from '../op';
import { share } from '../share';

/** `silu'(u) dy = s (1 + u (1 - s)) dy` with `s = sigmoid(u)`. */
export function siluGradient(u: Tensor, dy: Tensor): Tensor {
  const s = tf.sigmoid(u);
  const slope = tf.tidy(() => tf.add(tf.mul(u, tf.sub(1, s)), 1));
  return tf.mul(tf.mul(slope, s), dy);
}

// A vector does not depend on x: it needs no gradient, and keeps nothing for one.
const savedOf = (x: Tensor): Tensor[] => (x.rank === 4 ? [share(x)] : []);

/** `x sigmoid(x)` of an image or an embedding; `groupNorm` has its own. */
export const silu: GraphOp = {
  emit({ name, inputs }, graph) {
    const gate = graph.node(`${name}/sigmoid`, 'Sigmoid', inputs);
    graph.node(name, 'Mul', [inputs[0]!, gate]);
    graph.setShape(name, graph.shapeOf(inputs[0]!));
  },
  forward: (_layer, [x]) => ({
    output: fused(x!, () => tf.mul(x!, tf.sigmoid(x!))),
    saved: savedOf(x!),
  }),
  backward: (_layer, dy, [x]) => [fused(dy, () => siluGradient(x!, dy))],
};
