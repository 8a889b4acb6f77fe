import * as tf from '@tensorflow/tfjs';
import type { Attribute } from './binding';

/** What is known of a value before it is computed. */
export interface Known {
  readonly shape: number[];
  readonly dtype: number;
  /** Of a constant. */
  readonly values?: ArrayLike<number>;
}

/** An operation before it runs. */
interface Call {
  readonly inputs: readonly Known[];
  attribute(name: string): unknown;
}

type Rule = (call: Call) => number[] | number[][];

const numbers = ({ values }: Known): number[] => {
  if (!values) throw new Error('a shape depends on what is computed');
  return Array.from(values);
};

const same: Rule = ({ inputs: [x] }) => x!.shape;
const broadcast: Rule = ({ inputs: [a, b] }) =>
  tf.backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape);

/** The height and width after windows of `size` have moved over an image. */
const windows = (call: Call, size: readonly number[]): number[] => {
  const [, ...strides] = call.attribute('strides') as number[];
  const valid = call.attribute('padding') === 'VALID';
  return [0, 1].map((i) => {
    const side = call.inputs[0]!.shape[i + 1]!;
    return Math.ceil((valid ? side - size[i]! + 1 : side) / strides[i]!);
  });
};
const pooled: Rule = (call) => {
  const { shape } = call.inputs[0]!;
  const size = (call.attribute('ksize') as number[]).slice(1);
  return [shape[0]!, ...windows(call, size), shape[3]!];
};
const reduced: Rule = ({ inputs: [x, axes], attribute }) => {
  const gone = tf.util.parseAxisParam(numbers(axes!), x!.shape);
  return attribute('keep_dims')
    ? x!.shape.map((size, i) => (gone.includes(i) ? 1 : size))
    : x!.shape.filter((_, i) => !gone.includes(i));
};
const product =
  (ofA: string, ofB: string): Rule =>
  ({ inputs: [a, b], attribute }) => {
    const rows = a!.shape.at(attribute(ofA) ? -1 : -2)!;
    const outer = [a!, b!].map(({ shape }) => shape.slice(0, -2)) as [number[], number[]];
    const columns = b!.shape.at(attribute(ofB) ? -2 : -1)!;
    return [...tf.backend_util.assertAndGetBroadcastShape(...outer), rows, columns];
  };

const padded: Rule = ({ inputs: [x, paddings] }) => {
  const sides = numbers(paddings!);
  return x!.shape.map((size, i) => size + sides[2 * i]! + sides[2 * i + 1]!);
};
const convolved =
  (channels: (filter: number[]) => number): Rule =>
  (call) => {
    const [x, { shape }] = call.inputs as [Known, Known];
    return [x.shape[0]!, ...windows(call, shape), channels(shape)];
  };

const rules: Readonly<Record<string, Rule>> = {
  Add: broadcast,
  AddV2: broadcast,
  Maximum: broadcast,
  Mul: broadcast,
  RealDiv: broadcast,
  Sub: broadcast,
  Greater: broadcast,
  Cast: same,
  Cos: same,
  Identity: same,
  IsNan: same,
  LeakyRelu: same,
  MaxPoolGrad: same,
  OnesLike: same,
  Relu: same,
  Rsqrt: same,
  Sigmoid: same,
  Sin: same,
  Softmax: same,
  Sqrt: same,
  Square: same,
  Tanh: same,
  ZerosLike: same,
  AvgPool: pooled,
  MaxPool: pooled,
  Max: reduced,
  Mean: reduced,
  Sum: reduced,
  BatchMatMulV2: product('adj_x', 'adj_y'),
  MatMul: product('transpose_a', 'transpose_b'),
  Conv2D: convolved(([, , , channels]) => channels!),
  DepthwiseConv2dNative: convolved(([, , channels, times]) => channels! * times!),
  Conv2DBackpropInput: ({ inputs: [shape] }) => numbers(shape!),
  Fill: ({ inputs: [shape] }) => numbers(shape!),
  Reshape({ inputs: [x, to] }) {
    return tf.util.inferFromImplicitShape(numbers(to!), tf.util.sizeFromShape(x!.shape));
  },
  ResizeNearestNeighbor({ inputs: [x, size] }) {
    return [x!.shape[0]!, ...numbers(size!), x!.shape[3]!];
  },
  Select: ({ inputs: [, x] }) => x!.shape,
  SelectV2: ({ inputs: [, a, b] }) =>
    tf.backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape),
  GatherV2({ inputs: [x, rows, axis] }) {
    const along = numbers(axis!)[0]!;
    return [...x!.shape.slice(0, along), ...rows!.shape, ...x!.shape.slice(along + 1)];
  },
  Transpose: ({ inputs: [x, order] }) => numbers(order!).map((axis) => x!.shape[axis]!),
  Tile: ({ inputs: [x, times] }) => numbers(times!).map((count, i) => count * x!.shape[i]!),
  Pad: padded,
  PadV2: padded,
  Slice({ inputs: [x, begin, size] }) {
    const from = numbers(begin!);
    return numbers(size!).map((count, i) => (count < 0 ? x!.shape[i]! - from[i]! : count));
  },
  ConcatV2({ inputs }) {
    const parts = inputs.slice(0, -1).map(({ shape }) => shape);
    return tf.backend_util.computeOutShape(parts, numbers(inputs.at(-1)!)[0]!);
  },
  SplitV({ inputs: [x, sizes, axis] }) {
    const along = numbers(axis!)[0]!;
    return numbers(sizes!).map((size) => x!.shape.map((one, i) => (i === along ? size : one)));
  },
  Pack({ inputs, attribute }) {
    const axis = attribute('axis') as number;
    const { shape } = inputs[0]!;
    return [...shape.slice(0, axis), inputs.length, ...shape.slice(axis)];
  },
  Unpack({ inputs: [x], attribute }) {
    const axis = attribute('axis') as number;
    const { shape } = x!;
    return Array<number[]>(shape[axis]!).fill(shape.filter((_, i) => i !== axis));
  },
};

/** Operations whose type is that of another input than the first. */
const typeFrom: Readonly<Record<string, number>> = {
  Conv2DBackpropInput: 1,
  Fill: 1,
  Select: 1,
  SelectV2: 1,
};

/** TensorFlow's number of the type of truth values, which these give. */
const bool = 10;
const truths: ReadonlySet<string> = new Set(['Greater', 'IsNan']);

/**
 * The shapes and types of the results of an operation, without running it.
 *
 * @throws Error where the operation is not known.
 */
export function resultsOf(
  op: string,
  attributes: readonly Attribute[],
  inputs: readonly Known[],
): Known[] {
  const rule = rules[op];
  if (!rule) throw new Error(`the shape that ${op} gives is not known`);
  const attribute = (name: string) => attributes.find((one) => one.name === name)?.value;
  const found = rule({ inputs, attribute });
  const shapes = Array.isArray(found[0]) ? (found as number[][]) : [found as number[]];
  const to = truths.has(op) ? bool : (attribute('DstT') as number | undefined);
  return shapes.map((shape) => ({ shape, dtype: to ?? inputs[typeFrom[op] ?? 0]!.dtype }));
}
