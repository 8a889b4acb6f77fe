import { checkInteger, checkRange } from '../../internal/check';

/** The UNet2DModel of diffusers, resolved: what `diffusersUnet` builds. */
export interface DiffusersConfig {
  /** Height and width of the training, in pixels; null where the config does not say. */
  readonly sampleSize: readonly [number, number] | null;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly widths: readonly number[];
  readonly layersPerBlock: number;
  readonly downBlocks: readonly DiffusersBlock[];
  readonly upBlocks: readonly DiffusersBlock[];
  /** Zeros before; 0 pads one row below and one column on the right instead. */
  readonly downPadding: number;
  readonly epsilon: number;
  readonly groups: number;
  /** Groups of the norm before the attention in the middle; null leaves the norm out. */
  readonly midGroups: number | null;
  /** Channels of a head; null is one head of all channels. */
  readonly headChannels: number | null;
  readonly midAttention: boolean;
  readonly scaleShift: boolean;
  readonly sinFirst: boolean;
  readonly frequencyShift: number;
  readonly timeChannels: number;
  /** 0 without class conditioning. */
  readonly classes: number;
}

/** One block of the U-Net. */
export interface DiffusersBlock {
  readonly attends: boolean;
  /** Whether a residual block changes the size, in place of a convolution. */
  readonly resnetResampling: boolean;
}

const owner = 'convertCheckpoint';
const mostLayers = 100;

/** Keys of configs before diffusers 0.1, and what they are called now. */
const oldKeys: Readonly<Record<string, string>> = {
  block_channels: 'block_out_channels',
  resnet_eps: 'norm_eps',
  resnet_num_groups: 'norm_num_groups',
  downscale_freq_shift: 'freq_shift',
  num_head_channels: 'attention_head_dim',
  image_size: 'sample_size',
};

/** Settings that change the network, with the only values that are converted. */
const only: Readonly<Record<string, readonly unknown[]>> = {
  _class_name: [undefined, 'UNet2DModel', 'UNetUnconditionalModel'],
  act_fn: [undefined, 'silu', 'swish'],
  time_embedding_type: [undefined, 'positional'],
  class_embed_type: [undefined, null],
  resnet_time_scale_shift: [undefined, 'default', 'scale_shift'],
  center_input_sample: [undefined, false],
  mid_block_scale_factor: [undefined, null, 1],
  mid_block_type: [undefined, 'UNetMidBlock2D'],
  downsample_type: [undefined, 'conv', 'resnet'],
  upsample_type: [undefined, 'conv', 'resnet'],
  downsample_padding: [undefined, 0, 1],
};

const blockTypes = /^(Attn|ResnetDownsample|ResnetUpsample|)(Down|Up|)Block2D$/;

/** Whether a config is one of diffusers. */
export const isDiffusersConfig = (config: Readonly<Record<string, unknown>>): boolean =>
  ['_class_name', 'block_out_channels', 'block_channels'].some((key) => key in config);

/** Reads a `config.json` of diffusers; what is missing has the constructor's default. */
export function parseDiffusersConfig(given: Readonly<Record<string, unknown>>): DiffusersConfig {
  const config = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [oldKeys[key] ?? key, value]),
  );
  for (const [key, values] of Object.entries(only)) {
    const named = values.filter((value) => value !== undefined).map(String);
    checkRange(values.includes(config[key]), owner, key, named.join(' or '), config[key]);
  }
  const integer = (key: string, usual: number, least = 1, most = 65_536): number => {
    const value = config[key] ?? usual;
    checkInteger(owner, key, value as number, least);
    checkRange((value as number) <= most, owner, key, `at most ${most}`, value);
    return value as number;
  };
  const widths = (config.block_out_channels ?? [224, 448, 672, 896]) as readonly number[];
  const groups = integer('norm_num_groups', 32);
  const levels = Array.isArray(widths) && widths.length > 0 && widths.length <= 10;
  checkRange(levels, owner, 'block_out_channels', 'a list of 1 to 10 widths', widths);
  for (const width of widths) {
    const divides = Number.isInteger(width) && width > 0 && width <= 1e5 && width % groups === 0;
    checkRange(divides, owner, 'block_out_channels', `multiples of ${groups}`, widths);
  }
  const blocks = (key: string, usual: readonly string[]): DiffusersBlock[] => {
    const types = config[key] ?? usual;
    const right = Array.isArray(types) && types.length === widths.length;
    checkRange(right, owner, key, `a list of ${widths.length} blocks`, types);
    const resampling = config[key === 'down_block_types' ? 'downsample_type' : 'upsample_type'];
    return (types as readonly unknown[]).map((type) => blockOf(key, String(type), resampling));
  };
  const scaleShift = config.resnet_time_scale_shift === 'scale_shift';
  const headChannels = config.attention_head_dim === null ? null : integer('attention_head_dim', 8);
  const midGroups = (config.attn_norm_num_groups ?? null) as number | null;
  if (midGroups !== null) integer('attn_norm_num_groups', groups);
  const epsilon = Number(config.norm_eps ?? 1e-5);
  checkRange(epsilon > 0 && epsilon < 1, owner, 'norm_eps', 'a number in (0, 1)', config.norm_eps);
  return {
    sampleSize: sampleSizeOf(config.sample_size ?? null),
    inChannels: integer('in_channels', 3),
    outChannels: integer('out_channels', 3),
    widths,
    layersPerBlock: integer('layers_per_block', 2, 1, mostLayers),
    downBlocks: blocks('down_block_types', ['DownBlock2D', ...Array(3).fill('AttnDownBlock2D')]),
    upBlocks: blocks('up_block_types', [...Array(3).fill('AttnUpBlock2D'), 'UpBlock2D']),
    downPadding: integer('downsample_padding', 1, 0),
    epsilon,
    groups,
    midGroups: midGroups ?? (scaleShift ? null : groups),
    headChannels,
    midAttention: config.add_attention !== false,
    scaleShift,
    sinFirst: config.flip_sin_to_cos === false,
    frequencyShift: integer('freq_shift', 0, 0),
    timeChannels: integer('time_embedding_dim', 4 * widths[0]!),
    classes: integer('num_class_embeds', 0, 0),
  };
}

function blockOf(key: string, type: string, resampling: unknown): DiffusersBlock {
  const match = blockTypes.exec(type.replace(/^UNetRes/, ''));
  const kinds = 'Down, Up, AttnDown, AttnUp, ResnetDownsample or ResnetUpsample';
  checkRange(match !== null, owner, key, `made of ${kinds} blocks`, type);
  const [, kind] = match!;
  const attends = kind === 'Attn';
  return { attends, resnetResampling: attends ? resampling === 'resnet' : kind !== '' };
}

function sampleSizeOf(value: unknown): DiffusersConfig['sampleSize'] {
  if (value === null) return null;
  const [height, width] = Array.isArray(value) ? value : [value, value];
  checkInteger(owner, 'sample_size', height, 1);
  checkInteger(owner, 'sample_size', width, 1);
  return [height, width];
}
