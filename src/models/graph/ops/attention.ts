import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** Queries, keys and values of one head of one item: `[pixels, head channels]` each. */
type Head = readonly [q: Tensor2D, k: Tensor2D, v: Tensor2D];

/** Splits `[batch, height, width, 3 channels]` (all q, then k, then v; heads inside each). */
function splitHeads(qkv: Tensor4D, heads: number): Head[] {
  const [batch, height, width, triple] = qkv.shape;
  const pixels = height * width;
  const size = triple / 3 / heads;
  const items = tf.split(tf.reshape(qkv, [batch * pixels, triple]), batch, 0) as Tensor2D[];
  const columns = (item: Tensor2D, from: number) => tf.slice(item, [0, from], [pixels, size]);
  return items.flatMap((item) =>
    Array.from({ length: heads }, (_, head): Head => {
      const from = head * size;
      return [
        columns(item, from),
        columns(item, from + triple / 3),
        columns(item, from + (2 * triple) / 3),
      ];
    }),
  );
}

/** Joins heads `[pixels, head channels]` to `[batch, height, width, channels]`. */
function joinHeads(parts: readonly Tensor2D[], heads: number): Tensor2D {
  const items: Tensor2D[] = [];
  for (let i = 0; i < parts.length; i += heads)
    items.push(tf.concat(parts.slice(i, i + heads), 1) as Tensor2D);
  return tf.concat(items, 0) as Tensor2D;
}

// Two-dimensional products of explicitly transposed matrices: the only fast ones on wasm.
const weightsOf = (q: Tensor2D, k: Tensor2D, scale: number): Tensor2D =>
  tf.softmax(tf.matMul(tf.mul(q, scale) as Tensor2D, tf.transpose(k)) as Tensor2D);

/** Gradients of `softmax(scale q k') v` in q, k and v; the softmax is computed again. */
function headGradient([q, k, v]: Head, dy: Tensor2D, scale: number): Head {
  const weights = weightsOf(q, k, scale);
  const dv = tf.transpose(tf.matMul(tf.transpose(dy) as Tensor2D, weights));
  const dWeights = tf.matMul(dy, tf.transpose(v) as Tensor2D);
  const mean = tf.sum(tf.mul(dWeights, weights), 1, true);
  const dScores = tf.mul(tf.mul(weights, tf.sub(dWeights, mean)), scale) as Tensor2D;
  const dq = tf.matMul(dScores, k) as Tensor2D;
  const dk = tf.transpose(tf.matMul(tf.transpose(q) as Tensor2D, dScores));
  return [dq, dk as Tensor2D, dv as Tensor2D];
}

/**
 * Self-attention over pixels, `softmax(q k' / sqrt(size)) v` for each of `attributes.heads` heads,
 * from `[batch, height, width, 3 channels]`. Only q, k and v are kept for the gradient.
 */
export const attention: GraphOp = {
  emit({ name, inputs, attributes }, graph) {
    const [height, width, triple] = graph.shapeOf(inputs[0]!) as [number, number, number];
    const heads = attributes!.heads!;
    const channels = triple / 3;
    const part = (suffix: string) => `${name}/${suffix}`;
    const order = graph.integers([0, 2, 1, 3]);
    const split = (suffix: string, from: number) => {
      const begin = graph.integers([0, 0, 0, from]);
      const size = graph.integers([-1, height, width, channels]);
      const slice = graph.node(part(`${suffix}_slice`), 'Slice', [inputs[0]!, begin, size]);
      const shape = graph.integers([-1, height * width, heads, channels / heads]);
      const reshaped = graph.node(part(`${suffix}_heads`), 'Reshape', [slice, shape]);
      return graph.node(part(suffix), 'Transpose', [reshaped, order]);
    };
    const product = (suffix: string, a: string, b: string, adjointOfB: boolean) =>
      graph.node(part(suffix), 'BatchMatMulV2', [a, b], {
        adj_x: { b: false },
        adj_y: { b: adjointOfB },
      });
    const scale = graph.floats(part('scale'), [1 / Math.sqrt(channels / heads)]);
    const q = graph.node(part('scaled'), 'Mul', [split('q', 0), scale]);
    const scores = product('scores', q, split('k', channels), true);
    const weights = graph.node(part('softmax'), 'Softmax', [scores]);
    const values = product('values', weights, split('v', 2 * channels), false);
    const back = graph.node(part('back'), 'Transpose', [values, order]);
    graph.node(name, 'Reshape', [back, graph.integers([-1, height, width, channels])]);
    graph.setShape(name, [height, width, channels]);
  },
  forward({ attributes }, [input]) {
    const qkv = input as Tensor4D;
    const [batch, height, width, triple] = qkv.shape;
    const heads = attributes!.heads!;
    const scale = 1 / Math.sqrt(triple / 3 / heads);
    const values = splitHeads(qkv, heads).map(
      ([q, k, v]) => tf.tidy(() => tf.matMul(weightsOf(q, k, scale), v)) as Tensor2D,
    );
    const output = tf.reshape(joinHeads(values, heads), [batch, height, width, triple / 3]);
    return { output, saved: [tf.clone(qkv)] };
  },
  backward({ attributes }, dy: Tensor, [saved]) {
    const qkv = saved as Tensor4D;
    const [batch, height, width, triple] = qkv.shape;
    const heads = attributes!.heads!;
    const scale = 1 / Math.sqrt(triple / 3 / heads);
    const rows = tf.split(tf.reshape(dy, [batch * height * width, triple / 3]), batch, 0);
    const cotangents = rows.flatMap((row) => tf.split(row as Tensor2D, heads, 1) as Tensor2D[]);
    const gradients = splitHeads(qkv, heads).map((head, i) =>
      tf.tidy(() => [...headGradient(head, cotangents[i]!, scale)]),
    );
    const joined = [0, 1, 2].map((role) =>
      joinHeads(
        gradients.map((gradient) => gradient[role] as Tensor2D),
        heads,
      ),
    );
    return [tf.reshape(tf.concat(joined, 1), qkv.shape)];
  },
};
