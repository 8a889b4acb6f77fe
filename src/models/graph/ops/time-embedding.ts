import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
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

// 2 pi in two parts, the first with few bits, so that a small multiple of it is exact.
const turn = [6.28125, 2 * Math.PI - 6.28125] as const;
/** The Taylor series of `sin(x) / x` in `x²`, from its last term. */
const taylor = [-1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1];

/** `cos(angle - shift)` as `1 - 2 sin²`. The sines of WebGPU may be wrong by 5e-4. */
function cosine(angle: Tensor, shift: number): Tensor {
  const turns = tf.round(tf.div(tf.sub(angle, shift), 2 * Math.PI));
  const rest = turn.reduce<Tensor>((left, part) => tf.sub(left, tf.mul(turns, part)), angle);
  const half = tf.div(tf.sub(rest, shift), 2);
  const square = tf.square(half);
  const series = taylor.reduce<Tensor>(
    (sum, factor) => tf.add(tf.mul(sum, square), factor),
    tf.zerosLike(half),
  );
  return tf.sub(1, tf.mul(2, tf.square(tf.mul(half, series))));
}

/** Cosine and sine of angles. */
const circle = (angle: Tensor): [Tensor, Tensor] =>
  tf.getBackend() === 'webgpu'
    ? [cosine(angle, 0), cosine(angle, Math.PI / 2)]
    : [tf.cos(angle), tf.sin(angle)];

/** The two halves in the order of a layer. */
const inOrder = <T>([cos, sin]: [T, T], { sinFirst = 0 }: Attributes): [T, T] =>
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
    graph.node(name, 'ConcatV2', [...inOrder([cos, sin], attributes!), graph.integers([1], [])], {
      N: { i: '2' },
    });
    graph.setShape(name, [channels]);
  },
  forward({ attributes, weights }, [t], stored) {
    const frequency = weights?.frequencies
      ? tf.mul(stored.get('frequencies'), 2 * Math.PI)
      : tf.tensor2d(frequencies(attributes!), [1, attributes!.channels! >> 1]);
    const angle = tf.mul(tf.reshape(t as Tensor1D, [-1, 1]), frequency);
    return { output: tf.concat(inOrder(circle(angle), attributes!), 1) };
  },
};
