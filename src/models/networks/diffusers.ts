import { checkRange } from '../../internal/check';
import {
  type Architecture,
  type ProgramBuilder,
  programBuilder,
  type Value,
} from '../graph/program-builder';
import type { DiffusersBlock, DiffusersConfig } from './diffusers-config';

/**
 * The UNet2DModel of diffusers (`google/ddpm-*`, what its training script writes) as a program
 * `F(x, t)`; layer and weight names follow its PyTorch modules.
 *
 * Reference: diffusers, `UNet2DModel`; Ho et al., "Denoising Diffusion Probabilistic Models",
 * NeurIPS 2020.
 */
export function diffusersUnet(
  config: DiffusersConfig,
): Architecture & { readonly multipleOf: number } {
  const { widths, layersPerBlock, downBlocks, upBlocks } = config;
  const builder = programBuilder();
  const embedding = embedTime(builder, config);
  const parts = partMaker(builder, config, embedding);
  const skips: Value[] = [];
  const keep = (value: Value): Value => {
    skips.push(value);
    builder.endBlock();
    return value;
  };

  let h: Value = { name: 'x', channels: config.inChannels };
  h = keep(builder.conv2d('conv_in', h, widths[0]!));
  for (const [level, block] of downBlocks.entries()) {
    const base = `down_blocks.${level}`;
    for (let i = 0; i < layersPerBlock; i++) {
      h = parts.resnet(`${base}.resnets.${i}`, h, widths[level]!);
      if (block.attends) h = parts.attention(`${base}.attentions.${i}`, h, config.groups);
      h = keep(h);
    }
    if (level < widths.length - 1) h = keep(parts.down(`${base}.downsamplers.0`, h, block));
  }

  h = parts.resnet('mid_block.resnets.0', h, h.channels);
  if (config.midAttention) h = parts.attention('mid_block.attentions.0', h, config.midGroups);
  h = parts.resnet('mid_block.resnets.1', h, h.channels);
  builder.endBlock();

  for (const [level, block] of upBlocks.entries()) {
    const base = `up_blocks.${level}`;
    for (let i = 0; i <= layersPerBlock; i++) {
      h = builder.concat(`${base}.concats.${i}`, h, skips.pop()!);
      h = parts.resnet(`${base}.resnets.${i}`, h, widths.at(-1 - level)!);
      if (block.attends) h = parts.attention(`${base}.attentions.${i}`, h, config.groups);
      builder.endBlock();
    }
    if (level < widths.length - 1) h = parts.up(`${base}.upsamplers.0`, h, block);
    builder.endBlock();
  }

  const { groups, epsilon } = config;
  h = builder.groupNorm('conv_norm_out', h, { groups, silu: true, epsilon });
  h = builder.conv2d('conv_out', h, config.outChannels);
  builder.endBlock();
  return { ...builder.finish(h), multipleOf: 2 ** (widths.length - 1) };
}

/** `silu(W2 silu(W1 sinusoids(t)) [+ class embedding])`: every block begins with that silu. */
function embedTime(builder: ProgramBuilder, config: DiffusersConfig): Value {
  const { timeChannels, sinFirst, frequencyShift: shift, classes } = config;
  let h = builder.timeEmbedding('time_proj', config.widths[0]!, { sinFirst, shift });
  h = builder.dense('time_embedding.linear_1', h, timeChannels);
  h = builder.silu('time_embedding.act', h);
  h = builder.dense('time_embedding.linear_2', h, timeChannels);
  if (classes > 0) {
    const label = builder.lookup('class_embedding', classes, timeChannels);
    h = builder.add('class_embedding.sum', h, label);
  }
  h = builder.silu('time_embedding.silu', h);
  builder.endBlock();
  return h;
}

/** The residual, attention and resampling parts of one network. */
function partMaker(builder: ProgramBuilder, config: DiffusersConfig, embedding: Value) {
  const { groups, epsilon, scaleShift } = config;

  const resnet = (base: string, x: Value, channels: number, how?: 'up' | 'down'): Value => {
    let h = builder.groupNorm(`${base}.norm1`, x, { groups, silu: true, epsilon });
    if (how) h = builder.resize(`${base}.resized`, h, how);
    h = builder.conv2d(`${base}.conv1`, h, channels);
    const width = scaleShift ? 2 * channels : channels;
    const vector = builder.dense(`${base}.time_emb_proj`, embedding, width);
    if (!scaleShift) h = builder.addVector(`${base}.time_sum`, h, vector);
    h = builder.groupNorm(`${base}.norm2`, h, {
      ...{ groups, silu: true, epsilon },
      ...(scaleShift && { scaleShift: vector }),
    });
    h = builder.conv2d(`${base}.conv2`, h, channels);
    let skip = how ? builder.resize(`${base}.skip`, x, how) : x;
    if (x.channels !== channels)
      skip = builder.conv2d(`${base}.conv_shortcut`, skip, channels, { size: 1 });
    return builder.add(`${base}.sum`, skip, h);
  };

  const attention = (base: string, x: Value, normGroups: number | null): Value => {
    const heads = x.channels / (config.headChannels ?? x.channels);
    const rule = `a divisor of the ${x.channels} channels at ${base}`;
    const divides = Number.isInteger(heads);
    checkRange(divides, 'convertCheckpoint', 'attention_head_dim', rule, config.headChannels);
    const normed =
      normGroups === null
        ? x
        : builder.groupNorm(`${base}.group_norm`, x, { groups: normGroups, silu: false, epsilon });
    const roles = [`${base}.to_q`, `${base}.to_k`, `${base}.to_v`] as const;
    let h = builder.linearQkv(`${base}.to_qkv`, normed, roles);
    h = builder.attention(`${base}.attention`, h, heads);
    h = builder.conv2d(`${base}.to_out.0`, h, x.channels, { size: 1, layout: 'linear2d' });
    return builder.add(`${base}.sum`, x, h);
  };

  const down = (base: string, x: Value, { resnetResampling }: DiffusersBlock): Value => {
    if (resnetResampling) return resnet(base, x, x.channels, 'down');
    const padding = config.downPadding;
    const zeros = { padding, paddingAfter: 1 } as const;
    return builder.conv2d(`${base}.conv`, x, x.channels, { stride: 2, ...zeros });
  };

  const up = (base: string, x: Value, { resnetResampling }: DiffusersBlock): Value =>
    resnetResampling
      ? resnet(base, x, x.channels, 'up')
      : builder.conv2d(`${base}.conv`, builder.resize(`${base}.resized`, x, 'up'), x.channels);

  return { resnet, attention, down, up };
}
