import type { Tensor1D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

const maxPeriod = 10_000;

const frequencies = (channels: number): Float32Array => {
  const half = Math.floor(channels / 2);
  return Float32Array.from({ length: half }, (_, i) => maxPeriod ** (-i / half));
};

/** Sinusoids of the time `[batch]`: cosines, then sines; `attributes.channels` of them, even. */
export const timeEmbedding: GraphOp = {
  emit({ name, inputs, attributes }, graph) {
    const channels = attributes!.channels!;
    const values = [...frequencies(channels)];
    const frequency = graph.floats(`${name}/frequencies`, values, [1, values.length]);
    const column = graph.node(`${name}/column`, 'Reshape', [inputs[0]!, graph.integers([-1, 1])]);
    const angle = graph.node(`${name}/angle`, 'Mul', [column, frequency]);
    const cos = graph.node(`${name}/cos`, 'Cos', [angle]);
    const sin = graph.node(`${name}/sin`, 'Sin', [angle]);
    graph.node(name, 'ConcatV2', [cos, sin, graph.integers([1], [])], {
      N: { i: '2' },
      Tidx: { type: 'DT_INT32' },
    });
    graph.setShape(name, [channels]);
  },
  forward({ attributes }, [t]) {
    const frequency = tf.tensor2d(frequencies(attributes!.channels!), [
      1,
      Math.floor(attributes!.channels! / 2),
    ]);
    const angle = tf.mul(tf.reshape(t as Tensor1D, [-1, 1]), frequency);
    return { output: tf.concat([tf.cos(angle), tf.sin(angle)], 1) };
  },
};
