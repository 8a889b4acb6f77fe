import { checkRange } from '../../internal/check';
import {
  type Architecture,
  type ProgramBuilder,
  programBuilder,
  type Value,
} from '../graph/program-builder';
import type { AdmConfig } from './adm-config';

const groups = 32;

/** A U-Net, and what its user must know of it. */
export interface AdmUnet extends Architecture {
  readonly multipleOf: number;
  readonly outChannels: number;
}

/**
 * The U-Net of ADM (guided-diffusion, `ffhq_10m.pt`, `256x256_diffusion_uncond.pt`, …) as a
 * program `F(x, t)`; layer and weight names follow its PyTorch modules.
 *
 * Reference: Dhariwal & Nichol, "Diffusion Models Beat GANs on Image Synthesis", NeurIPS 2021.
 */
export function admUnet(config: AdmConfig): AdmUnet {
  const builder = programBuilder();
  const embedding = embedTime(builder, config);
  const skips: Value[] = [];
  let factor = 1;
  let level = 0;
  const attends = () => config.attentionFactors.includes(factor);
  const blocks = blockMaker(builder, config, embedding);

  // Input blocks: each keeps a skip connection.
  let block = 0;
  const keep = (value: Value) => {
    skips.push(value);
    builder.endBlock();
    block++;
    return value;
  };
  const widths = config.channelMult.map((mult) => mult * config.channels);
  let h: Value = { name: 'x', channels: config.inChannels };
  h = keep(builder.conv2d(`input_blocks.${block}.0`, h, widths[0]!));
  for (level = 0; level < widths.length; level++) {
    for (let i = 0; i < config.resBlocks; i++) {
      h = blocks.res(`input_blocks.${block}.0`, h, widths[level]!, 'same');
      if (attends()) h = blocks.attention(`input_blocks.${block}.1`, h, config.heads);
      h = keep(h);
    }
    if (level < widths.length - 1) {
      h = keep(blocks.resample(`input_blocks.${block}.0`, h, 'down'));
      factor *= 2;
    }
  }

  h = blocks.res('middle_block.0', h, h.channels, 'same');
  h = blocks.attention('middle_block.1', h, config.heads);
  h = blocks.res('middle_block.2', h, h.channels, 'same');
  builder.endBlock();

  // Output blocks: each takes one skip connection back.
  block = 0;
  for (level = widths.length - 1; level >= 0; level--) {
    for (let i = 0; i <= config.resBlocks; i++) {
      const base = `output_blocks.${block++}`;
      let part = 1;
      h = builder.concat(`${base}.concat`, h, skips.pop()!);
      h = blocks.res(`${base}.0`, h, widths[level]!, 'same');
      if (attends()) h = blocks.attention(`${base}.${part++}`, h, config.headsUpsample);
      if (level > 0 && i === config.resBlocks) {
        h = blocks.resample(`${base}.${part}`, h, 'up');
        factor /= 2;
      }
      builder.endBlock();
    }
  }

  const outChannels = config.learnSigma ? 2 * config.inChannels : config.inChannels;
  h = builder.groupNorm('out.0', h, { groups, silu: true });
  h = builder.conv2d('out.2', h, outChannels);
  builder.endBlock();
  const { program, weights } = builder.finish(h);
  return { program, weights, multipleOf: 2 ** (widths.length - 1), outChannels };
}

/** `silu(W2 silu(W1 sinusoids(t)) [+ class embedding])`: every block begins with that silu. */
function embedTime(builder: ProgramBuilder, config: AdmConfig): Value {
  const width = 4 * config.channels;
  let h = builder.timeEmbedding('time_embed.sinusoids', config.channels);
  h = builder.dense('time_embed.0', h, width);
  h = builder.silu('time_embed.1', h);
  h = builder.dense('time_embed.2', h, width);
  if (config.classes > 0) {
    const label = builder.lookup('label_emb', config.classes, width);
    h = builder.add('label_emb.sum', h, label);
  }
  h = builder.silu('time_embed.3', h);
  builder.endBlock();
  return h;
}

/** The residual, attention and resampling blocks of one network. */
function blockMaker(builder: ProgramBuilder, config: AdmConfig, embedding: Value) {
  type Resample = 'same' | 'up' | 'down';
  const resize = (name: string, value: Value, how: Resample): Value =>
    how === 'same' ? value : builder.resize(name, value, how);

  /** Adds the time: as scale and shift of the second normalisation, or as a vector before it. */
  const secondNorm = (base: string, value: Value): Value => {
    const width = config.scaleShiftNorm ? 2 * value.channels : value.channels;
    const vector = builder.dense(`${base}.emb_layers.1`, embedding, width);
    const name = `${base}.out_layers.0`;
    if (config.scaleShiftNorm) {
      return builder.groupNorm(name, value, { groups, silu: true, scaleShift: vector });
    }
    const sum = builder.addVector(`${base}.emb_sum`, value, vector);
    return builder.groupNorm(name, sum, { groups, silu: true });
  };

  const res = (base: string, x: Value, channels: number, how: Resample): Value => {
    // First, and so last in the backward pass, which then does not hold its gradient meanwhile.
    let skip = resize(`${base}.x_upd`, x, how);
    if (skip.channels !== channels) {
      skip = builder.conv2d(`${base}.skip_connection`, skip, channels, { size: 1 });
    }
    let h = builder.groupNorm(`${base}.in_layers.0`, x, { groups, silu: true });
    h = resize(`${base}.h_upd`, h, how);
    h = builder.conv2d(`${base}.in_layers.2`, h, channels);
    h = secondNorm(base, h);
    h = builder.conv2d(`${base}.out_layers.3`, h, channels);
    return builder.add(`${base}.sum`, skip, h);
  };

  const attention = (base: string, x: Value, headCount: number): Value => {
    const { headChannels, newAttentionOrder } = config;
    const heads = headChannels === -1 ? headCount : x.channels / headChannels;
    const divides = Number.isInteger(heads) && x.channels % heads === 0;
    const rule = `a divisor of the ${x.channels} channels at ${base}`;
    const value = headChannels === -1 ? headCount : headChannels;
    checkRange(divides, 'convertCheckpoint', 'num_heads or num_head_channels', rule, value);
    let h = builder.groupNorm(`${base}.norm`, x, { groups, silu: false });
    const order = newAttentionOrder ? 'roles first' : 'heads first';
    h = builder.qkv(`${base}.qkv`, h, { heads, order });
    h = builder.attention(`${base}.attention`, h, heads);
    h = builder.conv2d(`${base}.proj_out`, h, x.channels, { size: 1, layout: 'conv1d' });
    return builder.add(`${base}.sum`, x, h);
  };

  const resample = (base: string, x: Value, how: 'up' | 'down'): Value => {
    if (config.resblockUpdown) return res(base, x, x.channels, how);
    if (how === 'down') return builder.conv2d(`${base}.op`, x, x.channels, { stride: 2 });
    return builder.conv2d(`${base}.conv`, builder.resize(`${base}.resize`, x, 'up'), x.channels);
  };

  return { res, attention, resample };
}
