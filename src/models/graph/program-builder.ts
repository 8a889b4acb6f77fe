import type { Program } from './layer';
import { layerWriter, type Value } from './layer-writer';
import { type ShuffledConvolutions, shuffledConvolutions } from './shuffled-convolutions';
import type { WeightSpec } from './weight-spec';

export type { Value } from './layer-writer';

/** A network as a program, with the weights it needs from a state dict. */
export interface Architecture {
  readonly program: Program;
  readonly weights: readonly WeightSpec[];
}

/** How a convolution moves, and what it has. */
export interface ConvOptions {
  readonly size?: number;
  readonly stride?: 1 | 2 | 4;
  /** Zeros on each side; by default half of the filter. */
  readonly padding?: number;
  /** Zeros below and on the right, where they differ. */
  readonly paddingAfter?: number;
  readonly bias?: boolean;
  readonly layout?: 'conv2d' | 'conv1d' | 'linear2d';
  /** Output channels in another order than that of the state dict. */
  readonly order?: readonly number[];
}

/** Writes a program layer by layer, and lists the weights that it needs. */
export interface ProgramBuilder extends ShuffledConvolutions {
  /**
   * Cosines, then sines, unless `sinFirst`; `shift` is taken from half of the channels. Frequencies
   * are those of DDPM, with `highest` from 1 up to that, or those of a weight.
   */
  timeEmbedding(
    name: string,
    channels: number,
    options?: { sinFirst?: boolean; shift?: number; highest?: number; frequencies?: string },
  ): Value;
  /** The image with the time as one more channel. */
  timeMap(name: string, x: Value): Value;
  dense(name: string, x: Value, channels: number): Value;
  silu(name: string, x: Value): Value;
  /** Rows of a table; of a linear layer without `scale` and bias, or with both. */
  lookup(
    name: string,
    rows: number,
    channels: number,
    options?: { layout?: 'table' | 'linear'; scale?: number; bias?: boolean },
  ): Value;
  /** The sum, times `scale`. */
  add(name: string, a: Value, b: Value, scale?: number): Value;
  addVector(name: string, x: Value, vector: Value): Value;
  /** `x (1 + s) + t` with the halves s and t of a vector. */
  scaleShift(name: string, x: Value, vector: Value): Value;
  concat(name: string, a: Value, b: Value): Value;
  conv2d(name: string, x: Value, channels: number, options?: ConvOptions): Value;
  relu(name: string, x: Value, slope?: number): Value;
  tanh(name: string, x: Value): Value;
  maxPool(name: string, x: Value, options: { size: number; ceil?: boolean }): Value;
  standardize(name: string, x: Value): Value;
  /** A layer's part of LPIPS; `head` names its weight. */
  unitFeatures(name: string, x: Value, head: string): Value;
  /** Queries, keys and values of three linear layers: 3 x channels, all q first, then k, then v. */
  linearQkv(name: string, x: Value, parts: readonly [q: string, k: string, v: string]): Value;
  /** Queries, keys and values of one layer, in the same order. */
  qkv(
    name: string,
    x: Value,
    options: { heads: number; order: 'heads first' | 'roles first' },
  ): Value;
  groupNorm(
    name: string,
    x: Value,
    options: { groups: number; silu: boolean; scaleShift?: Value; epsilon?: number },
  ): Value;
  attention(name: string, qkv: Value, heads: number): Value;
  resize(name: string, x: Value, how: 'up' | 'down'): Value;
  /** The filter 1, 2, 1 in both directions, with or without zeros around the image. */
  binomial(name: string, x: Value, padding?: 0 | 1): Value;
  /** Ends a block: the unit of gradient checkpointing. */
  endBlock(): void;
  finish(output: Value): Architecture;
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
  const { blocks, weights, layer, weight } = layerWriter();

  const conv2d: ProgramBuilder['conv2d'] = (
    name,
    x,
    channels,
    {
      size = 3,
      stride = 1,
      padding = size >> 1,
      paddingAfter = padding,
      bias = true,
      layout = 'conv2d',
      order,
    } = {},
  ) =>
    layer('conv2d', name, [x.name], channels, {
      weights: {
        filter: weight(`${name}.weight`, [size, size, x.channels, channels], layout, order),
        ...(bias ? { bias: weight(`${name}.bias`, [channels], 'vector', order) } : {}),
      },
      attributes: {
        channels,
        stride,
        size,
        padding,
        ...(paddingAfter === padding ? {} : { paddingAfter }),
      },
    });

  return {
    timeEmbedding: (name, channels, { sinFirst = false, shift = 0, highest, frequencies } = {}) =>
      layer('timeEmbedding', name, ['t'], channels, {
        ...(frequencies !== undefined && {
          weights: { frequencies: weight(frequencies, [channels / 2], 'vector') },
        }),
        attributes: {
          channels,
          ...(sinFirst && { sinFirst: 1 }),
          ...(shift !== 0 && { shift }),
          ...(highest !== undefined && { highest }),
        },
      }),
    timeMap: (name, x) => layer('timeMap', name, [x.name, 't'], x.channels + 1),
    dense: (name, x, channels) =>
      layer('dense', name, [x.name], channels, {
        weights: {
          kernel: weight(`${name}.weight`, [x.channels, channels], 'linear'),
          bias: weight(`${name}.bias`, [channels], 'vector'),
        },
        attributes: { channels },
      }),
    silu: (name, x) => layer('silu', name, [x.name], x.channels),
    lookup: (name, rows, channels, { layout = 'table', scale, bias = false } = {}) =>
      layer('lookup', name, ['label'], channels, {
        weights: {
          table: weight(`${name}.weight`, [rows, channels], layout),
          ...(bias && { bias: weight(`${name}.bias`, [channels], 'vector') }),
        },
        attributes: { channels, ...(scale !== undefined && { scale }) },
      }),
    add: (name, a, b, scale) =>
      layer('add', name, [a.name, b.name], a.channels, {
        ...(scale !== undefined && { attributes: { scale } }),
      }),
    binomial: (name, x, padding = 1) =>
      layer('binomial', name, [x.name], x.channels, {
        ...(padding === 0 && { attributes: { padding } }),
      }),
    addVector: (name, x, vector) => layer('addVector', name, [x.name, vector.name], x.channels),
    scaleShift: (name, x, vector) => layer('scaleShift', name, [x.name, vector.name], x.channels),
    concat: (name, a, b) => layer('concat', name, [a.name, b.name], a.channels + b.channels),
    conv2d,
    ...shuffledConvolutions({ layer, weight }),
    relu: (name, x, slope = 0) =>
      layer('relu', name, [x.name], x.channels, { attributes: { slope } }),
    tanh: (name, x) => layer('tanh', name, [x.name], x.channels),
    maxPool: (name, x, { size, ceil = false }) =>
      layer('maxPool', name, [x.name], x.channels, { attributes: { size, ceil: ceil ? 1 : 0 } }),
    standardize: (name, x) => layer('standardize', name, [x.name], x.channels),
    unitFeatures: (name, x, head) =>
      layer('unitFeatures', name, [x.name], x.channels, {
        weights: { head: weight(head, [x.channels], 'head') },
      }),
    linearQkv: (name, x, parts) => {
      const channels = 3 * x.channels;
      const stacked = (role: string) => parts.map((part) => `${part}.${role}`);
      weights.push(
        {
          name: `${name}.weight`,
          shape: [1, 1, x.channels, channels],
          layout: 'linear2d',
          parts: stacked('weight'),
        },
        { name: `${name}.bias`, shape: [channels], layout: 'vector', parts: stacked('bias') },
      );
      return layer('conv2d', name, [x.name], channels, {
        weights: { filter: `${name}.weight`, bias: `${name}.bias` },
        attributes: { channels, stride: 1, size: 1, padding: 0 },
      });
    },
    qkv: (name, x, { heads, order }) =>
      conv2d(name, x, 3 * x.channels, {
        size: 1,
        layout: 'conv1d',
        ...(order === 'heads first' ? { order: headsFirstOrder(x.channels, heads) } : {}),
      }),
    groupNorm: (name, x, { groups, silu, scaleShift, epsilon = 1e-5 }) =>
      layer('groupNorm', name, [x.name, ...(scaleShift ? [scaleShift.name] : [])], x.channels, {
        weights: {
          gamma: weight(`${name}.weight`, [x.channels], 'vector'),
          beta: weight(`${name}.bias`, [x.channels], 'vector'),
        },
        attributes: { groups, silu: silu ? 1 : 0, ...(epsilon !== 1e-5 && { epsilon }) },
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
