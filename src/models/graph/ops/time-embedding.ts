import type { Tensor1D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Layer } from '../layer';
import type { GraphOp } from '../op';

type Attributes = NonNullable<Layer['attributes']>;

const maxPeriod = 10_000;

const frequencies = ({ channels, shift = 0, highest }: Attributes): Float32Array => {
  const half = Math.floor(channels! / 2);
  const power = (i: number) =>
    highest === undefined ? maxPeriod ** (-i / (half - shift)) : highest ** (i / (half - 1));
  return Float32Array.from({ length: half }, (_, i) => power(i));
};

/** The two halves in the order of a layer. */
const inOrder = <T>(cos: T, sin: T, { sinFirst = 0 }: Attributes): [T, T] =>
  sinFirst === 1 ? [sin, cos] : [cos, sin];

/**
 * Sinusoids of the time `[batch]`, `attributes.channels` of them, even: cosines, then sines, or the
 * reverse where `sinFirst` is 1. Frequency i is `10000^(-i / (channels / 2 - shift))`, or with
 * `highest` geometric from 1 up to that; with a weight `frequencies` it is 2 pi times that.
 */
export const timeEmbedding: GraphOp = {
  emit({ name, inputs, attributes, weights }, graph) {
    const channels = attributes!.channels!;
    const frequency = weights?.frequencies
      ? graph.node(`${name}/frequencies`, 'Mul', [
          graph.weight(weights.frequencies),
          graph.floats(`${name}/turn`, [2 * Math.PI]),
        ])
      : graph.floats(`${name}/frequencies`, [...frequencies(attributes!)], [1, channels >> 1]);
    const column = graph.node(`${name}/column`, 'Reshape', [inputs[0]!, graph.integers([-1, 1])]);
    const angle = graph.node(`${name}/angle`, 'Mul', [column, frequency]);
    const cos = graph.node(`${name}/cos`, 'Cos', [angle]);
    const sin = graph.node(`${name}/sin`, 'Sin', [angle]);
    graph.node(name, 'ConcatV2', [...inOrder(cos, sin, attributes!), graph.integers([1], [])], {
      N: { i: '2' },
    });
    graph.setShape(name, [channels]);
  },
  forward({ attributes, weights }, [t], stored) {
    const frequency = weights?.frequencies
      ? tf.mul(stored.get('frequencies'), 2 * Math.PI)
      : tf.tensor2d(frequencies(attributes!), [1, attributes!.channels! >> 1]);
    const angle = tf.mul(tf.reshape(t as Tensor1D, [-1, 1]), frequency);
    return { output: tf.concat(inOrder(tf.cos(angle), tf.sin(angle), attributes!), 1) };
  },
};
