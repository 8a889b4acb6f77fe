import { checkRange } from '../../internal/check';
import {
  type Architecture,
  type ProgramBuilder,
  programBuilder,
  type Value,
} from '../graph/program-builder';

/** A U-Net of EDM. */
export interface EdmConfig {
  /** `song` for DDPM++ and NCSN++, `dhariwal` for ADM. */
  readonly kind: 'song' | 'dhariwal';
  /** Height and width of the training; the names of layers hold it. */
  readonly resolution: number;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Channels after the first convolution. */
  readonly channels: number;
  /** Channels of each level, the finest first. */
  readonly widths: readonly number[];
  /** Residual blocks of a level of the encoder; a level of the decoder has one more. */
  readonly blocks: number;
  /** Names of the blocks with attention. */
  readonly attention: readonly string[];
  readonly noiseChannels: number;
  readonly embeddingChannels: number;
  /** Whether the frequencies of the noise embedding are weights. */
  readonly fourier: boolean;
  /** Whether sizes change by the filter 1, 3, 3, 1 in place of 1, 1. */
  readonly smooth: boolean;
  /** Whether the image joins the encoder again at each level. */
  readonly residual: boolean;
  /** 0 without class conditioning. */
  readonly classes: number;
}

type How = 'same' | 'up' | 'down';

const channelsPerHead = 64;
const half = Math.SQRT1_2;

/** Groups of a normalization: at most 32, of at least 4 channels. */
const groupsOf = (channels: number): number => Math.max(1, Math.min(32, channels >> 2));

/**
 * The U-Nets of EDM's public checkpoints as a program `F(x, t)`: SongUNet (DDPM++, NCSN++) and
 * DhariwalUNet (ADM). Layer and weight names follow their PyTorch modules.
 *
 * Reference: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models",
 * NeurIPS 2022, appendix F; Song et al., "Score-Based Generative Modeling through Stochastic
 * Differential Equations", ICLR 2021.
 */
export function edmUnet(config: EdmConfig): Architecture & { readonly multipleOf: number } {
  const { widths, blocks, resolution } = config;
  const builder = programBuilder();
  const parts = partMaker(builder, config, embedNoise(builder, config));
  const skips: Value[] = [];
  const keep = (value: Value): Value => {
    skips.push(value);
    builder.endBlock();
    return value;
  };
  const baseOf = (side: 'enc' | 'dec', level: number): string =>
    `${side}.${resolution >> level}x${resolution >> level}`;

  let image: Value = { name: 'x', channels: config.inChannels };
  let h = keep(builder.conv2d(`${baseOf('enc', 0)}_conv`, image, config.channels));
  for (const [level, width] of widths.entries()) {
    const base = baseOf('enc', level);
    if (level > 0) {
      h = parts.block(`${base}_down`, h, h.channels, 'down');
      if (config.residual) h = image = parts.join(`${base}_aux_residual`, image, h);
      keep(h);
    }
    for (let i = 0; i < blocks; i++) h = keep(parts.block(`${base}_block${i}`, h, width));
  }

  const deepest = widths.length - 1;
  for (let level = deepest; level >= 0; level--) {
    const base = baseOf('dec', level);
    const first = level === deepest ? ['in0', 'in1'] : ['up'];
    for (const name of first)
      h = parts.block(`${base}_${name}`, h, h.channels, name === 'up' ? 'up' : 'same');
    builder.endBlock();
    for (let i = 0; i <= blocks; i++) {
      h = builder.concat(`${base}_concat${i}`, h, skips.pop()!);
      h = parts.block(`${base}_block${i}`, h, widths[level]!);
      builder.endBlock();
    }
  }
  const [norm, conv] =
    config.kind === 'song'
      ? [`${baseOf('dec', 0)}_aux_norm`, `${baseOf('dec', 0)}_aux_conv`]
      : ['out_norm', 'out_conv'];
  h = builder.conv2d(conv!, parts.norm(norm!, h, true), config.outChannels);
  builder.endBlock();
  return { ...builder.finish(h), multipleOf: 2 ** deepest };
}

/** The embedding of noise level and class, from which every block takes its vector. */
function embedNoise(builder: ProgramBuilder, config: EdmConfig): Value {
  const { kind, noiseChannels, embeddingChannels, classes, fourier } = config;
  const isSong = kind === 'song';
  const label = (channels: number): Value =>
    builder.lookup('map_label', classes, channels, {
      layout: 'linear',
      ...(isSong && { scale: Math.sqrt(classes), bias: true }),
    });
  let h = builder.timeEmbedding('map_noise', noiseChannels, {
    sinFirst: isSong,
    ...(fourier ? { frequencies: 'map_noise.freqs' } : { shift: isSong ? 1 : 0 }),
  });
  if (isSong && classes > 0) h = builder.add('map_label.sum', h, label(noiseChannels));
  h = builder.silu('map_layer0.silu', builder.dense('map_layer0', h, embeddingChannels));
  h = builder.dense('map_layer1', h, embeddingChannels);
  if (!isSong && classes > 0) h = builder.add('map_label.sum', h, label(embeddingChannels));
  h = builder.silu('map_layer1.silu', h);
  builder.endBlock();
  return h;
}

/** EDM keeps q, k and v of each channel together; ours are all q, then all k, then all v. */
const rolesTogether = (channels: number): number[] =>
  Array.from({ length: 3 * channels }, (_, i) => 3 * (i % channels) + Math.floor(i / channels));

/** The blocks of one network. */
function partMaker(builder: ProgramBuilder, config: EdmConfig, embedding: Value) {
  const isSong = config.kind === 'song';
  const epsilon = isSong ? 1e-6 : 1e-5;
  const scale = isSong ? half : undefined;

  const norm = (name: string, x: Value, silu: boolean, scaleShift?: Value): Value =>
    builder.groupNorm(name, x, {
      ...{ groups: groupsOf(x.channels), silu, epsilon },
      ...(scaleShift && { scaleShift }),
    });

  const resize = (name: string, x: Value, how: How): Value => {
    if (how === 'same') return x;
    if (!config.smooth) return builder.resize(`${name}.${how}`, x, how);
    if (how === 'down')
      return builder.resize(`${name}.down`, builder.binomial(`${name}.smooth`, x), 'down');
    return builder.binomial(`${name}.smooth`, builder.resize(`${name}.up`, x, 'up'));
  };

  const attend = (base: string, x: Value): Value => {
    const heads = isSong ? 1 : x.channels / channelsPerHead;
    const rule = `a multiple of ${channelsPerHead} at ${base}, for its heads`;
    checkRange(Number.isInteger(heads), 'convertCheckpoint', 'channels', rule, x.channels);
    const order = rolesTogether(x.channels);
    const normed = norm(`${base}.norm2`, x, false);
    let h = builder.conv2d(`${base}.qkv`, normed, 3 * x.channels, { size: 1, order });
    h = builder.attention(`${base}.attention`, h, heads);
    h = builder.conv2d(`${base}.proj`, h, x.channels, { size: 1 });
    return builder.add(`${base}.attended`, x, h, scale);
  };

  const block = (base: string, x: Value, channels: number, how: How = 'same'): Value => {
    let h = resize(`${base}.conv0`, norm(`${base}.norm0`, x, true), how);
    h = builder.conv2d(`${base}.conv0`, h, channels);
    const vector = builder.dense(`${base}.affine`, embedding, isSong ? channels : 2 * channels);
    if (isSong) h = norm(`${base}.norm1`, builder.addVector(`${base}.moved`, h, vector), true);
    else h = norm(`${base}.norm1`, h, true, vector);
    h = builder.conv2d(`${base}.conv1`, h, channels);
    let skip = resize(`${base}.skip`, x, how);
    if (x.channels !== channels || (isSong && how !== 'same'))
      skip = builder.conv2d(`${base}.skip`, skip, channels, { size: 1 });
    const sum = builder.add(`${base}.sum`, skip, h, scale);
    return config.attention.includes(base) ? attend(base, sum) : sum;
  };

  /** Half of an earlier map joins the encoder. The convolution reaches past the border first. */
  const join = (base: string, x: Value, h: Value): Value => {
    const wide = builder.conv2d(base, x, h.channels, { padding: 2 });
    const smooth = builder.binomial(`${base}.smooth`, wide, 0);
    return builder.add(`${base}.sum`, h, builder.resize(`${base}.down`, smooth, 'down'), half);
  };

  return { block, join, norm };
}
