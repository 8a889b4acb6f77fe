import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

/** Queries, keys and values of every head: `[batch x heads, pixels, head channels]` each. */
type Heads = readonly [q: Tensor3D, k: Tensor3D, v: Tensor3D];

/** From `[batch, height, width, 3 channels]`: all q, then k, then v; heads inside each. */
function splitHeads(qkv: Tensor4D, heads: number): Heads {
  const [batch, height, width, triple] = qkv.shape;
  const [pixels, size] = [height * width, triple / 3 / heads];
  const parts = tf.reshape(qkv, [batch, pixels, 3, heads, size]);
  const byRole = tf.reshape(tf.transpose(parts, [2, 0, 3, 1, 4]), [3, batch * heads, pixels, size]);
  return tf.unstack(byRole) as unknown as Heads;
}

/** Back to `[batch, height, width, roles x channels]`. */
function joinHeads(roles: readonly Tensor3D[], heads: number, shape: number[]): Tensor4D {
  const [batch, height, width] = shape as [number, number, number];
  const [, pixels, size] = roles[0]!.shape;
  const parts = tf.reshape(tf.stack([...roles]), [roles.length, batch, heads, pixels, size]);
  const channels = roles.length * heads * size;
  return tf.reshape(tf.transpose(parts, [1, 3, 0, 2, 4]), [batch, height, width, channels]);
}

/** The product of each pair of matrices; on wasm only products in two dimensions are fast. */
function products(a: Tensor3D, b: Tensor3D): Tensor3D {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b);
  const right = tf.unstack(b) as Tensor2D[];
  const left = tf.unstack(a) as Tensor2D[];
  return tf.stack(left.map((matrix, i) => tf.matMul(matrix, right[i]!))) as Tensor3D;
}

const transposed = (a: Tensor3D): Tensor3D => tf.transpose(a, [0, 2, 1]);

const weightsOf = (q: Tensor3D, k: Tensor3D, scale: number): Tensor3D =>
  tf.softmax(products(tf.mul(q, scale), transposed(k)));

/** Gradients of `softmax(scale q k') v` in q, k and v; the softmax is computed again. */
function headGradients([q, k, v]: Heads, dy: Tensor3D, scale: number): Heads {
  const weights = weightsOf(q, k, scale);
  const dv = transposed(products(transposed(dy), weights));
  const dWeights = products(dy, transposed(v));
  const mean = tf.sum(tf.mul(dWeights, weights), 2, true);
  const dScores: Tensor3D = tf.mul(tf.mul(weights, tf.sub(dWeights, mean)), scale);
  return [products(dScores, k), transposed(products(transposed(q), dScores)), dv];
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
    const heads = attributes!.heads!;
    const [q, k, v] = splitHeads(qkv, heads);
    const values = products(weightsOf(q, k, 1 / Math.sqrt(q.shape[2])), v);
    return { output: joinHeads([values], heads, qkv.shape), saved: [tf.clone(qkv)] };
  },
  backward({ attributes }, dy: Tensor, [saved]) {
    const qkv = saved as Tensor4D;
    const heads = attributes!.heads!;
    const [q, k, v] = splitHeads(qkv, heads);
    const [batch, height, width, channels] = (dy as Tensor4D).shape;
    const parts = tf.reshape(dy, [batch, height * width, heads, channels / heads]);
    const cotangent = tf.reshape(tf.transpose(parts, [0, 2, 1, 3]), q.shape) as Tensor3D;
    const gradients = headGradients([q, k, v], cotangent, 1 / Math.sqrt(q.shape[2]));
    return [joinHeads(gradients, heads, qkv.shape)];
  },
};
