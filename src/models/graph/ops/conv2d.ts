import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Shape4D } from '../../../internal/shape';
import { conv2dBfloat16, isInBfloat16 } from '../bfloat16';
import type { Layer } from '../layer';
import type { GraphOp, LayerWeights } from '../op';
import { conv2dByRows, paysByRows } from '../winograd';

/** How a filter of `size` moves over the image; SAME keeps height and width. */
function geometry({ attributes }: Layer, size: number) {
  const stride = attributes?.stride ?? 1;
  const before = attributes?.padding ?? size >> 1;
  const after = attributes?.paddingAfter ?? before;
  const same = stride === 1 && before === after && 2 * before === size - 1;
  return { stride, before, after, same };
}

const ints = (values: readonly number[]) => ({ list: { i: values.map(String) } });

const zeroPad = (x: Tensor4D, before: number, after = before): Tensor4D =>
  before + after === 0
    ? x
    : tf.pad(x, [
        [0, 0],
        [before, after],
        [before, after],
        [0, 0],
      ]);

/** The filter whose forward convolution is the input gradient of a stride-1 convolution. */
const flip = (filter: Tensor4D): Tensor4D => tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);

/** XNNPACK has no fast transposed convolution, but a fast one with the flipped filter. */
function gradientByFlip(dy: Tensor4D, padding: number, weights: LayerWeights): Tensor4D {
  const filter = weights.get('filter') as Tensor4D;
  const border = filter.shape[0] - 1 - padding;
  if (filter.shape[0] === 3 && border === padding && paysByRows(weights, dy, filter.shape[2]))
    return conv2dByRows(dy, weights, { name: 'flipped', filter: () => flip(filter) });
  const flipped = weights.derived('flipped', () => flip(filter)) as Tensor4D;
  return border === padding
    ? tf.conv2d(dy, flipped, 1, 'same')
    : tf.conv2d(zeroPad(dy, border), flipped, 1, 'valid');
}

/** `tf.conv2dTranspose` by the filter of a layer. */
type Transpose = (
  dy: Tensor4D,
  shape: Shape4D,
  movement: { stride: number; pad: 'same' | 'valid' },
) => Tensor4D;

/** The gradient in the padded input, and the image inside it. */
function gradientByTranspose(
  transpose: Transpose,
  dy: Tensor4D,
  { stride, before, after }: { stride: number; before: number; after: number },
  shape: Shape4D,
): Tensor4D {
  const [batch, height, width, channels] = shape;
  const border = before + after;
  const padded: Shape4D = [batch, height + border, width + border, channels];
  const gradient = transpose(dy, padded, { stride, pad: 'valid' });
  return border === 0 ? gradient : tf.slice(gradient, [0, before, before, 0], shape);
}

/**
 * Convolution with a square filter, and with a bias if it has one: `attributes.stride` (1), and
 * `attributes.padding` zeros on each side (half of the filter), `attributes.paddingAfter` of them below
 * and on the right where that differs.
 */
export const conv2d: GraphOp = {
  emit(layer, graph) {
    const { name, inputs, weights, attributes } = layer;
    const size = attributes!.size!;
    const { stride, before, after, same } = geometry(layer, size);
    const [height, width] = graph.shapeOf(inputs[0]!);
    const padded = () => {
      const paddings = graph.integers([0, 0, before, after, before, after, 0, 0], [4, 2]);
      return graph.node(`${name}/pad`, 'Pad', [inputs[0]!, paddings]);
    };
    const input = same || before + after === 0 ? inputs[0]! : padded();
    const filter = graph.weight(weights!.filter!);
    const conv = graph.node(weights!.bias ? `${name}/conv` : name, 'Conv2D', [input, filter], {
      strides: ints([1, stride, stride, 1]),
      dilations: ints([1, 1, 1, 1]),
      padding: { s: btoa(same ? 'SAME' : 'VALID') },
      data_format: { s: btoa('NHWC') },
    });
    if (weights!.bias) graph.node(name, 'AddV2', [conv, graph.weight(weights!.bias)]);
    const reduced = (side: number) => Math.floor((side + before + after - size) / stride) + 1;
    graph.setShape(name, [reduced(height!), reduced(width!), attributes!.channels!]);
  },
  forward(layer, [x], weights) {
    const filter = weights.get('filter') as Tensor4D;
    const { stride, before, after, same } = geometry(layer, filter.shape[0]);
    const input = same ? (x as Tensor4D) : zeroPad(x as Tensor4D, before, after);
    const pad = same ? 'same' : 'valid';
    if (isInBfloat16(weights)) {
      const output = conv2dBfloat16(input, weights, { stride, pad });
      return { output: layer.weights!.bias ? tf.add(output, weights.get('bias')) : output };
    }
    const bias = layer.weights!.bias ? weights.get('bias') : undefined;
    if (same && filter.shape[0] === 3 && paysByRows(weights, input, filter.shape[3])) {
      const named = { name: 'rows', filter: () => filter, ...(bias ? { bias } : {}) };
      return { output: conv2dByRows(input, weights, named) };
    }
    if (!bias) return { output: tf.conv2d(input, filter, stride, pad) };
    return { output: tf.fused.conv2d({ x: input, filter, bias, strides: stride, pad }) };
  },
  backward(layer, dy: Tensor, _saved, weights, [shape]) {
    const filter = weights.get('filter') as Tensor4D;
    const how = geometry(layer, filter.shape[0]);
    if (how.stride === 1 && how.before === how.after && tf.getBackend() === 'wasm')
      return [gradientByFlip(dy as Tensor4D, how.before, weights)];
    const transpose: Transpose = isInBfloat16(weights)
      ? (y, to, movement) => conv2dBfloat16(y, weights, movement, to)
      : (y, to, { stride, pad }) => tf.conv2dTranspose(y, filter, to, stride, pad);
    if (how.same) return [transpose(dy as Tensor4D, shape as Shape4D, { stride: 1, pad: 'same' })];
    return [gradientByTranspose(transpose, dy as Tensor4D, how, shape as Shape4D)];
  },
};
