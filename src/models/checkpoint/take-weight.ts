import type { WeightLayout, WeightSpec } from '../graph/weight-spec';
import type { Checkpoint } from './checkpoint';

/** The axes of the state dict in the order of the graph, and the shape expected there. */
const axes: Readonly<Record<WeightLayout, readonly number[]>> = {
  vector: [0],
  table: [0, 1],
  linear: [1, 0],
  conv1d: [2, 1, 0],
  conv2d: [2, 3, 1, 0],
};

/** The shape in the state dict, from the one in the graph. */
function sourceShape({ shape, layout }: WeightSpec): number[] {
  const own = layout === 'conv1d' ? shape.slice(1) : shape;
  const source: number[] = [];
  for (const [i, axis] of axes[layout].entries()) source[axis] = own[i]!;
  return source;
}

/** Row-major numbers with their axes put in another order. */
function transpose(data: Float32Array, shape: readonly number[], order: readonly number[]) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const out = new Float32Array(data.length);
  let next = 0;
  const walk = (depth: number, offset: number): void => {
    if (depth === order.length) {
      out[next++] = data[offset]!;
      return;
    }
    const axis = order[depth]!;
    for (let i = 0; i < shape[axis]!; i++) walk(depth + 1, offset + i * strides[axis]!);
  };
  walk(0, 0);
  return out;
}

/** Rows of the first axis, picked and put in order. */
function pickRows(data: Float32Array, rows: readonly number[]): Float32Array {
  const size = data.length / rows.length;
  const out = new Float32Array(data.length);
  for (const [to, from] of rows.entries()) {
    out.set(data.subarray(from * size, (from + 1) * size), to * size);
  }
  return out;
}

/** Reads one weight of a checkpoint in the layout of the graph; its shape is checked. */
export async function takeWeight(
  { tensors }: Checkpoint,
  spec: WeightSpec,
  file: string,
): Promise<Float32Array> {
  const tensor = tensors.get(spec.name)!;
  const expected = sourceShape(spec);
  if (expected.join() !== tensor.shape.join()) {
    throw new RangeError(
      `convertCheckpoint: ${file}: ${spec.name} must have the shape [${expected.join(', ')}], ` +
        `got [${tensor.shape.join(', ')}]: the settings are of another network`,
    );
  }
  const data = await tensor.read();
  const rows = spec.order ? pickRows(data, spec.order) : data;
  return spec.layout === 'vector' || spec.layout === 'table'
    ? rows
    : transpose(rows, expected, axes[spec.layout]);
}
