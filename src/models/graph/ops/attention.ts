import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkWasmMemory } from '../../../internal/wasm-memory';
import type { GraphOp } from '../op';
import { share } from '../share';

/** Matrices `[pixels, pixels]` that one head holds at its peak, in its gradient. */
const matricesAtOnce = 6;

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

/**
 * Runs a function of matrices on all heads: at once, or on wasm head by head, since there only
 * products in two dimensions are fast; each head then frees its large matrices before the next.
 */
function onHeads<T extends readonly Tensor[]>(
  parts: readonly Tensor3D[],
  run: (...matrices: Tensor[]) => T,
): T {
  if (tf.getBackend() !== 'wasm') return run(...parts);
  const pixels = parts[0]!.shape[1];
  checkWasmMemory('attention', Array(matricesAtOnce).fill(4 * pixels ** 2));
  const byHead = parts.map((part) => tf.unstack(part));
  const results = byHead[0]!.map((_, head) =>
    tf.tidy(() => [...run(...byHead.map((part) => part[head]!))]),
  );
  return results[0]!.map((_, i) => tf.stack(results.map((result) => result[i]!))) as unknown as T;
}

/**
 * Runs a function of image batches: at once, or on wasm item by item, since there a transpose of more
 * than three axes is slow and axes of size 1 do not count.
 */
function onItems(batches: readonly Tensor4D[], run: (items: Tensor4D[]) => Tensor4D): Tensor4D {
  const [batch] = batches[0]!.shape;
  if (batch === 1 || tf.getBackend() !== 'wasm') return run([...batches]);
  const item = (of: Tensor4D, i: number) => tf.slice(of, [i, 0, 0, 0], [1, -1, -1, -1]);
  const results = Array.from({ length: batch }, (_, i) =>
    tf.tidy(() => run(batches.map((of) => item(of, i)))),
  );
  return tf.concat(results);
}

const transposed = (a: Tensor): Tensor => tf.transpose(a, a.rank === 2 ? [1, 0] : [0, 2, 1]);

/** `softmax(q k' / sqrt(size))`. */
function weightsOf(q: Tensor, k: Tensor): Tensor {
  const scaled = tf.div(q, Math.sqrt(q.shape.at(-1)!));
  return tf.softmax(tf.tidy(() => tf.matMul(scaled, transposed(k))));
}

const attend = (q: Tensor, k: Tensor, v: Tensor) => [tf.matMul(weightsOf(q, k), v)] as const;

/** Gradients of `attend` in q, k and v; the softmax is recomputed. */
function attendGradients(q: Tensor, k: Tensor, v: Tensor, dy: Tensor) {
  const weights = weightsOf(q, k);
  const dv = transposed(tf.matMul(transposed(dy), weights));
  const dScores = tf.tidy(() => {
    const dWeights = tf.matMul(dy, transposed(v));
    const mean = tf.sum(tf.mul(dWeights, weights), -1, true);
    return tf.mul(weights, tf.sub(dWeights, mean));
  });
  const scale = 1 / Math.sqrt(q.shape.at(-1)!);
  const dq = tf.mul(tf.matMul(dScores, k), scale);
  const dk = tf.mul(transposed(tf.matMul(transposed(q), dScores)), scale);
  return [dq, dk, dv] as const;
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
    const output = onItems([qkv], ([part]) => {
      const values = onHeads(splitHeads(part!, heads), attend) as unknown as Tensor3D[];
      return joinHeads(values, heads, part!.shape);
    });
    return { output, saved: [share(qkv)] };
  },
  backward({ attributes }, dy: Tensor, [saved]) {
    const heads = attributes!.heads!;
    const gradient = onItems([saved as Tensor4D, dy as Tensor4D], ([qkv, cotangent]) => {
      const parts = splitHeads(qkv!, heads);
      const [batch, height, width, channels] = cotangent!.shape;
      const byPixel = tf.reshape(cotangent!, [batch, height * width, heads, channels / heads]);
      const byHead = tf.reshape(tf.transpose(byPixel, [0, 2, 1, 3]), parts[0].shape);
      const gradients = onHeads([...parts, byHead as Tensor3D], attendGradients);
      return joinHeads(gradients as unknown as Tensor3D[], heads, qkv!.shape);
    });
    return [gradient];
  },
};
