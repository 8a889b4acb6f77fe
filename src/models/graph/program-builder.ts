import type { Layer, OpName, Program } from './layer';
import type { WeightSpec } from './weight-spec';

/** A value in flight: its name, and how many channels it has. */
export interface Value {
  readonly name: string;
  readonly channels: number;
}

/** Writes a program layer by layer, and lists the weights on the way. */
export interface ProgramBuilder {
  timeEmbedding(name: string, channels: number): Value;
  dense(name: string, x: Value, channels: number): Value;
  silu(name: string, x: Value): Value;
  lookup(name: string, rows: number, channels: number): Value;
  add(name: string, a: Value, b: Value): Value;
  addVector(name: string, x: Value, vector: Value): Value;
  concat(name: string, a: Value, b: Value): Value;
  conv2d(
    name: string,
    x: Value,
    channels: number,
    options?: { size?: 1 | 3; stride?: 1 | 2; layout?: 'conv2d' | 'conv1d' },
  ): Value;
  /** Queries, keys and values: 3 x channels, all q first, then k, then v. */
  qkv(
    name: string,
    x: Value,
    options: { heads: number; order: 'heads first' | 'roles first' },
  ): Value;
  groupNorm(
    name: string,
    x: Value,
    options: { groups: number; silu: boolean; scaleShift?: Value },
  ): Value;
  attention(name: string, qkv: Value, heads: number): Value;
  resize(name: string, x: Value, how: 'up' | 'down'): Value;
  /** Ends a block: the unit of gradient checkpointing. */
  endBlock(): void;
  finish(output: Value): { program: Program; weights: readonly WeightSpec[] };
}

/**
 * guided-diffusion's first attention keeps q, k and v of one head together; which of its output
 * channels stand where ours keep all q, then all k, then all v.
 */
function headsFirstOrder(channels: number, heads: number): number[] {
  const size = channels / heads;
  return Array.from({ length: 3 * channels }, (_, i) => {
    const role = Math.floor(i / channels);
    const head = Math.floor((i % channels) / size);
    return head * 3 * size + role * size + (i % size);
  });
}

/** Starts an empty program. */
export function programBuilder(): ProgramBuilder {
  const blocks: Layer[][] = [[]];
  const weights: WeightSpec[] = [];

  const layer = (
    op: OpName,
    name: string,
    inputs: readonly string[],
    channels: number,
    rest: Pick<Layer, 'weights' | 'attributes'> = {},
  ): Value => {
    blocks.at(-1)!.push({ name, op, inputs, ...rest });
    return { name, channels };
  };
  const weight = (
    name: string,
    shape: readonly number[],
    layout: WeightSpec['layout'],
    order?: readonly number[],
  ): string => {
    weights.push(order ? { name, shape, layout, order } : { name, shape, layout });
    return name;
  };

  return {
    timeEmbedding: (name, channels) =>
      layer('timeEmbedding', name, ['t'], channels, { attributes: { channels } }),
    dense: (name, x, channels) =>
      layer('dense', name, [x.name], channels, {
        weights: {
          kernel: weight(`${name}.weight`, [x.channels, channels], 'linear'),
          bias: weight(`${name}.bias`, [channels], 'vector'),
        },
        attributes: { channels },
      }),
    silu: (name, x) => layer('silu', name, [x.name], x.channels),
    lookup: (name, rows, channels) =>
      layer('lookup', name, ['label'], channels, {
        weights: { table: weight(`${name}.weight`, [rows, channels], 'table') },
        attributes: { channels },
      }),
    add: (name, a, b) => layer('add', name, [a.name, b.name], a.channels),
    addVector: (name, x, vector) => layer('addVector', name, [x.name, vector.name], x.channels),
    concat: (name, a, b) =>
      layer('concat', name, [a.name, b.name], a.channels + b.channels, {
        attributes: { first: a.channels },
      }),
    conv2d: (name, x, channels, { size = 3, stride = 1, layout = 'conv2d' } = {}) =>
      layer('conv2d', name, [x.name], channels, {
        weights: {
          filter: weight(`${name}.weight`, [size, size, x.channels, channels], layout),
          bias: weight(`${name}.bias`, [channels], 'vector'),
        },
        attributes: { channels, stride },
      }),
    qkv: (name, x, { heads, order }) => {
      const from = order === 'heads first' ? headsFirstOrder(x.channels, heads) : undefined;
      const channels = 3 * x.channels;
      return layer('conv2d', name, [x.name], channels, {
        weights: {
          filter: weight(`${name}.weight`, [1, 1, x.channels, channels], 'conv1d', from),
          bias: weight(`${name}.bias`, [channels], 'vector', from),
        },
        attributes: { channels, stride: 1 },
      });
    },
    groupNorm: (name, x, { groups, silu, scaleShift }) =>
      layer('groupNorm', name, [x.name, ...(scaleShift ? [scaleShift.name] : [])], x.channels, {
        weights: {
          gamma: weight(`${name}.weight`, [x.channels], 'vector'),
          beta: weight(`${name}.bias`, [x.channels], 'vector'),
        },
        attributes: { groups, silu: silu ? 1 : 0 },
      }),
    attention: (name, qkv, heads) =>
      layer('attention', name, [qkv.name], qkv.channels / 3, { attributes: { heads } }),
    resize: (name, x, how) =>
      layer(how === 'up' ? 'upsample' : 'downsample', name, [x.name], x.channels),
    endBlock: () => {
      blocks.push([]);
    },
    finish: (output) => ({
      program: { blocks: blocks.filter((block) => block.length > 0), output: output.name },
      weights,
    }),
  };
}
