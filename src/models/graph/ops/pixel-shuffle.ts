import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Layer } from '../layer';
import type { GraphOp } from '../op';

const shifted = (layer: Layer): boolean => layer.attributes?.shifted === 1;

const phases = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

/** Phase (a, b) of a map that is larger by one, from row a and column b on. */
function alignPhases(x: Tensor4D): Tensor4D {
  const [batch, height, width, wide] = x.shape;
  const size: [number, number, number, number] = [batch, height - 1, width - 1, wide / 4];
  const parts = phases.map(([a, b], k) => tf.slice(x, [0, a, b, (k * wide) / 4], size));
  return tf.concat(parts, 3);
}

/** The transpose of `alignPhases`. */
function spreadPhases(y: Tensor4D): Tensor4D {
  const parts = tf.split<Tensor4D>(y, 4, 3).map((part, k) => {
    const [a, b] = phases[k]!;
    return tf.pad(part, [
      [0, 0],
      [a, 1 - a],
      [b, 1 - b],
      [0, 0],
    ]);
  });
  return tf.concat(parts, 3);
}

function shuffle(x: Tensor4D): Tensor4D {
  const [batch, height, width, wide] = x.shape;
  const rows = tf.reshape(x, [batch * height, width, 2, wide / 2]);
  return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [batch, 2 * height, 2 * width, wide / 4]);
}

/** The transpose of `shuffle`, which is its inverse. */
function unshuffle(y: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = y.shape;
  const rows = tf.reshape(y, [(batch * height) / 2, 2, width / 2, 2 * channels]);
  const shape: [number, number, number, number] = [batch, height / 2, width / 2, 4 * channels];
  return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), shape);
}

/**
 * Four times the channels to twice the height and width: channel `(2 a + b) channels + c` of a pixel
 * becomes channel c at row a, column b of its square of 2 x 2.
 *
 * With `attributes.shifted` 1 the input is larger by one row and column, and each phase begins at
 * its own a and b: after a 2 x 2 convolution this is a transposed convolution of 4 x 4, stride 2.
 */
export const pixelShuffle: GraphOp = {
  emit(layer, graph) {
    const { name, inputs } = layer;
    const [rows, columns, wide] = graph.shapeOf(inputs[0]!) as [number, number, number];
    const [height, width] = shifted(layer) ? [rows - 1, columns - 1] : [rows, columns];
    const aligned = (): string => {
      const parts = phases.map(([a, b], k) => {
        const begin = graph.integers([0, a, b, (k * wide) / 4]);
        const size = graph.integers([-1, height, width, wide / 4]);
        return graph.node(`${name}/phase${k}`, 'Slice', [inputs[0]!, begin, size]);
      });
      return graph.node(`${name}/aligned`, 'ConcatV2', [...parts, graph.integers([3], [])], {
        N: { i: '4' },
        Tidx: { type: 'DT_INT32' },
      });
    };
    const input = shifted(layer) ? aligned() : inputs[0]!;
    const split = graph.integers([-1, width, 2, wide / 2]);
    const halves = graph.node(`${name}/halves`, 'Reshape', [input, split]);
    const order = graph.integers([0, 2, 1, 3]);
    const moved = graph.node(`${name}/moved`, 'Transpose', [halves, order]);
    const shape = [2 * height, 2 * width, wide / 4];
    graph.node(name, 'Reshape', [moved, graph.integers([-1, ...shape])]);
    graph.setShape(name, shape);
  },
  forward(layer, [x]) {
    const input = shifted(layer) ? alignPhases(x as Tensor4D) : (x as Tensor4D);
    return { output: shuffle(input) };
  },
  backward(layer, dy: Tensor) {
    const back = unshuffle(dy as Tensor4D);
    return [shifted(layer) ? spreadPhases(back) : back];
  },
};
