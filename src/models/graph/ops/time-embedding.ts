import type { Tensor1D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

const maxPeriod = 10_000;

/** Frequencies of DDPM from 1 down; or from 1 up to `highest`, both included. */
const frequenciesOf = ({ channels, highest }: Readonly<Record<string, number>>): Float32Array => {
  const half = Math.floor(channels! / 2);
  const power = (i: number) =>
    highest === undefined ? maxPeriod ** (-i / half) : highest ** (i / (half - 1));
  return Float32Array.from({ length: half }, (_, i) => power(i));
};

/**
 * Sinusoids of the time `[batch]`: cosines, then sines; `attributes.channels` of them, even. Their
 * frequencies are geometric, from 1 towards 1e-4, or with `attributes.highest` from 1 up to that.
 */
export const timeEmbedding: GraphOp = {
  emit({ name, inputs, attributes }, graph) {
    const channels = attributes!.channels!;
    const values = [...frequenciesOf(attributes!)];
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
    const values = frequenciesOf(attributes!);
    const frequency = tf.tensor2d(values, [1, values.length]);
    const angle = tf.mul(tf.reshape(t as Tensor1D, [-1, 1]), frequency);
    return { output: tf.concat([tf.cos(angle), tf.sin(angle)], 1) };
  },
};
