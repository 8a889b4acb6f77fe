import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

const pair = { list: { i: ['1', '2', '2', '1'] } };

/** The mean of each 2 x 2 square. */
export const downsample: GraphOp = {
  emit({ name, inputs }, graph) {
    const [height, width, channels] = graph.shapeOf(inputs[0]!);
    graph.node(name, 'AvgPool', inputs, {
      ksize: pair,
      strides: pair,
      padding: { s: btoa('VALID') },
      data_format: { s: btoa('NHWC') },
    });
    graph.setShape(name, [height! / 2, width! / 2, channels!]);
  },
  forward: (_layer, [x]) => ({ output: tf.avgPool(x as Tensor4D, 2, 2, 'valid') }),
  backward(_layer, dy) {
    const [, height, width] = (dy as Tensor4D).shape;
    const spread = tf.image.resizeNearestNeighbor(dy as Tensor4D, [2 * height, 2 * width]);
    return [tf.mul(spread, 0.25)];
  },
};
