import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { offTape } from '../../../internal/off-tape';
import type { Layer } from '../layer';
import type { GraphOp } from '../op';
import { share } from '../share';

const stride = 2;

/** Rows that a window at the end lacks, where it may extend past the border. */
function overhang({ attributes }: Layer, size: number): number {
  const window = attributes!.size!;
  if (attributes!.ceil !== 1) return 0;
  return stride * Math.ceil((size - window) / stride) + window - size;
}

function pool(layer: Layer, x: Tensor4D): Tensor4D {
  const [, height, width] = x.shape;
  const [below, right] = [overhang(layer, height), overhang(layer, width)];
  const padded = tf.pad(x, [
    [0, 0],
    [0, below],
    [0, right],
    [0, 0],
  ]);
  return tf.maxPool(below + right > 0 ? padded : x, layer.attributes!.size!, stride, 'valid');
}

const list = (values: readonly number[]) => ({ list: { i: values.map(String) } });

/**
 * The largest value of windows of `attributes.size`, stride 2, of values >= 0; with `attributes.ceil`
 * 1 the last window may extend past the border (PyTorch's `ceil_mode`).
 */
export const maxPool: GraphOp = {
  emit(layer, graph) {
    const { name, inputs, attributes } = layer;
    const [height, width, channels] = graph.shapeOf(inputs[0]!) as [number, number, number];
    const window = attributes!.size!;
    const [below, right] = [overhang(layer, height), overhang(layer, width)];
    const paddings = () => graph.integers([0, 0, 0, below, 0, right, 0, 0], [4, 2]);
    const input =
      below + right > 0 ? graph.node(`${name}/pad`, 'Pad', [inputs[0]!, paddings()]) : inputs[0]!;
    graph.node(name, 'MaxPool', [input], {
      ksize: list([1, window, window, 1]),
      strides: list([1, stride, stride, 1]),
      padding: { s: btoa('VALID') },
      data_format: { s: btoa('NHWC') },
    });
    const pooled = (size: number) => Math.floor((size - window) / stride) + 1;
    graph.setShape(name, [pooled(height + below), pooled(width + right), channels]);
  },
  forward: (layer, [x]) => ({ output: pool(layer, x as Tensor4D), saved: [share(x!)] }),
  backward: (layer, dy, [x]) => [
    offTape(() => tf.grad((at) => pool(layer, at as Tensor4D))(x!, dy)),
  ],
};
