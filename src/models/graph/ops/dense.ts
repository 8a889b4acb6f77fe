import type { Tensor2D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** `x kernel + bias` on vectors `[batch, features]`. */
export const dense: GraphOp = {
  emit({ name, inputs, weights, attributes }, graph) {
    const kernel = graph.weight(weights!.kernel!);
    const product = graph.node(`${name}/matmul`, 'MatMul', [inputs[0]!, kernel], {
      transpose_a: { b: false },
      transpose_b: { b: false },
    });
    graph.node(name, 'AddV2', [product, graph.weight(weights!.bias!)]);
    graph.setShape(name, [attributes!.channels!]);
  },
  forward(_layer, [x], weights) {
    const product = tf.matMul(x as Tensor2D, weights.get('kernel') as Tensor2D);
    return { output: tf.add(product, weights.get('bias')) };
  },
};
