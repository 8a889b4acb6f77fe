import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Layer } from '../layer';
import type { GraphOp, LayerWeights } from '../op';

const strideOf = (layer: Layer): number => layer.attributes?.stride ?? 1;
const ints = (values: readonly number[]) => ({ list: { i: values.map(String) } });

/** The filter whose forward convolution is the input gradient of a stride-1 SAME convolution. */
const flip = (filter: Tensor4D): Tensor4D => tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);

/** XNNPACK has no fast transposed convolution, but a fast one with the flipped filter. */
function gradientInInput(dy: Tensor4D, weights: LayerWeights): Tensor4D {
  const filter = weights.get('filter') as Tensor4D;
  if (tf.getBackend() === 'wasm') {
    const flipped = weights.derived('flipped', () => flip(filter)) as Tensor4D;
    return tf.conv2d(dy, flipped, 1, 'same');
  }
  const [batch, height, width] = dy.shape;
  return tf.conv2dTranspose(dy, filter, [batch, height, width, filter.shape[2]], 1, 'same');
}

/** Stride 2 with one row and column of zeros on each side, as PyTorch pads, for even sizes. */
function stridedGradient(dy: Tensor4D, filter: Tensor4D): Tensor4D {
  const [batch, height, width] = dy.shape;
  const padded: [number, number, number, number] = [
    batch,
    2 * height + 2,
    2 * width + 2,
    filter.shape[2],
  ];
  const gradient = tf.conv2dTranspose(dy, filter, padded, 2, 'valid');
  return tf.slice(gradient, [0, 1, 1, 0], [batch, 2 * height, 2 * width, filter.shape[2]]);
}

/** Convolution with bias, SAME at stride 1; `attributes.stride` 2 halves the size. */
export const conv2d: GraphOp = {
  emit(layer, graph) {
    const { name, inputs, weights, attributes } = layer;
    const stride = strideOf(layer);
    const [height, width] = graph.shapeOf(inputs[0]!);
    const padded = () => {
      const paddings = graph.integers([0, 0, 1, 1, 1, 1, 0, 0], [4, 2]);
      return graph.node(`${name}/pad`, 'Pad', [inputs[0]!, paddings]);
    };
    const input = stride === 1 ? inputs[0]! : padded();
    const filter = graph.weight(weights!.filter!);
    const conv = graph.node(`${name}/conv`, 'Conv2D', [input, filter], {
      strides: ints([1, stride, stride, 1]),
      dilations: ints([1, 1, 1, 1]),
      padding: { s: btoa(stride === 1 ? 'SAME' : 'VALID') },
      data_format: { s: btoa('NHWC') },
    });
    graph.node(name, 'AddV2', [conv, graph.weight(weights!.bias!)]);
    graph.setShape(name, [height! / stride, width! / stride, attributes!.channels!]);
  },
  forward(layer, [x], weights) {
    const filter = weights.get('filter') as Tensor4D;
    const bias = weights.get('bias');
    const stride = strideOf(layer);
    const input =
      stride === 1
        ? (x as Tensor4D)
        : tf.pad(x as Tensor4D, [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ]);
    const pad = stride === 1 ? 'same' : 'valid';
    return { output: tf.fused.conv2d({ x: input, filter, bias, strides: stride, pad }) };
  },
  backward(layer, dy: Tensor, _saved, weights) {
    if (strideOf(layer) === 1) return [gradientInInput(dy as Tensor4D, weights)];
    return [stridedGradient(dy as Tensor4D, weights.get('filter') as Tensor4D)];
  },
};
