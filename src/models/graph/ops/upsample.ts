import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** Each pixel twice in height and width. */
export const upsample: GraphOp = {
  emit({ name, inputs }, graph) {
    const [height, width, channels] = graph.shapeOf(inputs[0]!);
    const size = graph.integers([2 * height!, 2 * width!]);
    graph.node(name, 'ResizeNearestNeighbor', [inputs[0]!, size], {
      align_corners: { b: false },
      half_pixel_centers: { b: false },
    });
    graph.setShape(name, [2 * height!, 2 * width!, channels!]);
  },
  forward(_layer, [x]) {
    const [, height, width] = (x as Tensor4D).shape;
    return { output: tf.image.resizeNearestNeighbor(x as Tensor4D, [2 * height, 2 * width]) };
  },
  backward: (_layer, dy) => [tf.mul(tf.avgPool(dy as Tensor4D, 2, 2, 'valid'), 4)],
};
