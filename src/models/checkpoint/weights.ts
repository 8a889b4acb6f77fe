import { nameOf } from '../../internal/file-error';
import { plainText } from '../../internal/plain-text';
import type { WeightData } from '../graph/graph-builder';
import type { WeightLayout, WeightSpec } from '../graph/weight-spec';
import type { TensorFile } from './checkpoint';

/** Shapes in graph and state dict, and how the numbers of the one become those of the other. */
interface Layout {
  /** The shape in the state dict, from the one in the graph. */
  source(shape: readonly number[]): readonly number[];
  /** Splits the axes of the state dict further, before they are put in order. */
  split?(source: readonly number[]): readonly number[];
  /** The axes in the order of the graph; without it they are as they should be. */
  readonly order?: readonly number[];
}

const sameShape = (shape: readonly number[]): readonly number[] => shape;

const layouts: Readonly<Record<WeightLayout, Layout>> = {
  vector: { source: sameShape },
  table: { source: sameShape },
  head: { source: ([channels]) => [1, channels!, 1, 1] },
  linear: { source: ([inner, outer]) => [outer!, inner!], order: [1, 0] },
  linear2d: { source: ([, , inner, outer]) => [outer!, inner!], order: [1, 0] },
  conv1d: { source: ([, , inner, outer]) => [outer!, inner!, 1], order: [2, 1, 0] },
  conv2d: { source: ([h, w, inner, outer]) => [outer!, inner!, h!, w!], order: [2, 3, 1, 0] },
  convTranspose2d: {
    source: ([, , inner, wide]) => [inner!, wide! / 4, 4, 4],
    split: ([inner, outer]) => [inner!, outer!, 2, 2, 2, 2],
    order: [2, 4, 0, 3, 5, 1],
  },
  unshuffledConv2d: {
    source: ([h, w, wide, outer]) => [outer!, wide!, h!, w!],
    split: ([outer, wide, h, w]) => [outer!, wide! / 4, 4, h!, w!],
    order: [3, 4, 2, 1, 0],
  },
  conv2x2: { source: ([, , wide, outer]) => [outer!, wide! / 4, 2, 2], order: [2, 3, 1, 0] },
  convTranspose2x2: {
    source: ([, , inner, wide]) => [inner!, wide! / 4, 2, 2],
    order: [0, 2, 3, 1],
  },
};

/** The shape in the state dict. */
export function sourceShape({ shape, layout, order }: WeightSpec): readonly number[] {
  const source = layouts[layout].source(shape);
  return order ? [Math.max(...order) + 1, ...source.slice(1)] : source;
}

/** Row-major numbers with their axes put in another order. */
function transpose(data: Float32Array, shape: readonly number[], order: readonly number[]) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const out = new Float32Array(data.length);
  let next = 0;
  const walk = (depth: number, offset: number): void => {
    const axis = order[depth]!;
    const [count, stride] = [shape[axis]!, strides[axis]!];
    if (depth < order.length - 1) {
      for (let i = 0; i < count; i++) walk(depth + 1, offset + i * stride);
      return;
    }
    for (let i = 0; i < count; i++) out[next++] = data[offset + i * stride]!;
  };
  walk(0, 0);
  return out;
}

/** Rows of the first axis, picked and put in order. */
function pickRows(data: Float32Array, count: number, rows: readonly number[]): Float32Array {
  const size = data.length / count;
  const out = new Float32Array(rows.length * size);
  for (const [to, from] of rows.entries()) {
    out.set(data.subarray(from * size, (from + 1) * size), to * size);
  }
  return out;
}

/** The taps of each 4 x 4 filter from the last to the first: the order of the phases. */
function reverseTaps(data: Float32Array): Float32Array {
  const out = Float32Array.from(data);
  for (let at = 0; at < out.length; at += 16) out.subarray(at, at + 16).reverse();
  return out;
}

/** Where weights are taken from, and how errors speak of it. */
export interface WeightSource {
  readonly owner: string;
  readonly checkpoint: TensorFile;
  /** What errors call the file. */
  readonly file: string;
  /** What other names or shapes mean, as the end of a sentence: `it is no DRUNet`. */
  readonly otherwise: string;
}

const refusal = ({ owner, file }: WeightSource, sentence: string): RangeError =>
  new RangeError(plainText(`${owner}: ${nameOf({ name: file })}: ${sentence}`));

/** The names of a weight in the state dict. */
export const partsOf = ({ name, parts }: WeightSpec): readonly string[] => parts ?? [name];

/** The numbers of a weight as the state dict has them; the shape of each part is checked. */
async function readParts(from: WeightSource, spec: WeightSpec): Promise<Float32Array> {
  const parts = partsOf(spec);
  const [rows, ...rest] = sourceShape(spec);
  const expected = [rows! / parts.length, ...rest];
  const all: Float32Array[] = [];
  for (const name of parts) {
    const tensor = from.checkpoint.tensors.get(name)!;
    if (expected.join() !== tensor.shape.join()) {
      const shapes = `[${expected.join(', ')}], got [${tensor.shape.join(', ')}]`;
      throw refusal(from, `${from.otherwise}: ${name} must have the shape ${shapes}`);
    }
    all.push(await tensor.read());
  }
  if (all.length === 1) return all[0]!;
  const whole = new Float32Array(all.reduce((sum, { length }) => sum + length, 0));
  for (const [i, part] of all.entries()) whole.set(part, i * part.length);
  return whole;
}

/** Reads one weight of a checkpoint in the layout of the graph. */
async function takeWeight(from: WeightSource, spec: WeightSpec): Promise<Float32Array> {
  const data = await readParts(from, spec);
  const negative = spec.layout === 'head' ? data.find((value) => !(value >= 0)) : undefined;
  if (negative !== undefined) throw refusal(from, `${spec.name} must be >= 0, got ${negative}`);
  const rows = spec.order ? pickRows(data, sourceShape(spec)[0]!, spec.order) : data;
  const taps = spec.layout === 'convTranspose2d' ? reverseTaps(rows) : rows;
  const { source, split = sameShape, order } = layouts[spec.layout];
  return order ? transpose(taps, split(source(spec.shape)), order) : taps;
}

const list = (names: readonly string[]): string =>
  names
    .slice(0, 3)
    .map((name) => plainText(name, 60))
    .join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');

/** Names that only one side has are the sign of a wrong file: an error lists them together. */
function checkNames(
  from: WeightSource,
  specs: readonly WeightSpec[],
  spare: (name: string) => boolean,
): void {
  const { checkpoint, otherwise } = from;
  const wanted = new Set(specs.flatMap(partsOf));
  const missing = [...wanted].filter((name) => !checkpoint.tensors.has(name));
  const extra = [...checkpoint.tensors.keys()].filter((name) => !wanted.has(name) && !spare(name));
  if (missing.length + extra.length === 0) return;
  const parts = [
    ...(missing.length > 0 ? [`it lacks ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`it has unknown ${list(extra)}`] : []),
  ];
  throw refusal(from, `${otherwise}: ${parts.join('; ')}`);
}

/**
 * Reads the weights of a network from a checkpoint in the layout of the graph. The checkpoint must
 * hold each of them, and nothing else but what is `spare`.
 *
 * @throws RangeError naming the file and the keys that are missing or left over.
 */
export async function takeWeights(
  source: WeightSource,
  specs: readonly WeightSpec[],
  spare: (name: string) => boolean = () => false,
): Promise<WeightData[]> {
  checkNames(source, specs, spare);
  const weights: WeightData[] = [];
  for (const spec of specs) {
    const data = await takeWeight(source, spec);
    weights.push({ name: spec.name, shape: spec.shape, dtype: 'float32', data });
  }
  return weights;
}
