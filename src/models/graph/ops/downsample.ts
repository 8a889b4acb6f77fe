import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

const pair = { list: { i: ['1', '2', '2', '1'] } };

/** The mean of each 2 x 2 square; a last odd row or column is left out. */
export const downsample: GraphOp = {
  emit({ name, inputs }, graph) {
    const [height, width, channels] = graph.shapeOf(inputs[0]!);
    graph.node(name, 'AvgPool', inputs, {
      ksize: pair,
      strides: pair,
      padding: { s: btoa('VALID') },
      data_format: { s: btoa('NHWC') },
    });
    graph.setShape(name, [Math.floor(height! / 2), Math.floor(width! / 2), channels!]);
  },
  forward: (_layer, [x]) => ({ output: tf.avgPool(x as Tensor4D, 2, 2, 'valid') }),
  backward(_layer, dy, _saved, _weights, [shape]) {
    const [, height, width] = (dy as Tensor4D).shape;
    const spread = tf.image.resizeNearestNeighbor(dy as Tensor4D, [2 * height, 2 * width]);
    const [below, right] = [shape![1]! - 2 * height, shape![2]! - 2 * width];
    const whole = () =>
      tf.pad(spread, [
        [0, 0],
        [0, below],
        [0, right],
        [0, 0],
      ]);
    return [tf.mul(below + right > 0 ? whole() : spread, 0.25)];
  },
};
