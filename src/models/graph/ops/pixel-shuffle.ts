import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { eachRow } from '../../../internal/cut';
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

/** Four times the channels to twice the height and width. */
// Joins the rows of the two phases in turns by concatenation: a transpose of four axes is slow on wasm.
export function shuffle(x: Tensor4D): Tensor4D {
  const [batch, height, width, wide] = x.shape;
  const halves = eachRow(tf.reshape(x, [batch * height * width, 2, wide / 2]));
  const rows = halves.map((half) => tf.reshape(half, [batch * height, 1, (width * wide) / 2]));
  return tf.reshape(tf.concat(rows, 1), [batch, 2 * height, 2 * width, wide / 4]);
}

/** The transpose of `shuffle`, which is its inverse. */
export function unshuffle(y: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = y.shape;
  const rows: Tensor3D = tf.reshape(y, [(batch * height) / 2, 2, width * channels]);
  const half: [number, number, number, number] = [batch, height / 2, width / 2, 2 * channels];
  return tf.concat(
    eachRow(rows).map((row) => tf.reshape(row, half)),
    3,
  );
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
    const [outer, across, wide] = graph.shapeOf(inputs[0]!) as [number, number, number];
    const [height, width] = shifted(layer) ? [outer - 1, across - 1] : [outer, across];
    const join = (suffix: string, parts: string[], axis: number) =>
      graph.node(`${name}/${suffix}`, 'ConcatV2', [...parts, graph.integers([axis], [])], {
        N: { i: String(parts.length) },
      });
    const aligned = (): string => {
      const parts = phases.map(([a, b], k) => {
        const begin = graph.integers([0, a, b, (k * wide) / 4]);
        const size = graph.integers([-1, height, width, wide / 4]);
        return graph.node(`${name}/phase${k}`, 'Slice', [inputs[0]!, begin, size]);
      });
      return join('aligned', parts, 3);
    };
    const input = shifted(layer) ? aligned() : inputs[0]!;
    const rows = [0, 1].map((a) => {
      const begin = graph.integers([0, 0, 0, (a * wide) / 2]);
      const size = graph.integers([-1, height, width, wide / 2]);
      const half = graph.node(`${name}/half${a}`, 'Slice', [input, begin, size]);
      const flat = graph.integers([-1, 1, (width * wide) / 2]);
      return graph.node(`${name}/rows${a}`, 'Reshape', [half, flat]);
    });
    const turns = join('turns', rows, 1);
    const shape = [2 * height, 2 * width, wide / 4];
    graph.node(name, 'Reshape', [turns, graph.integers([-1, ...shape])]);
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
