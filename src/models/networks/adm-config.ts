import { checkInteger, checkRange, checkType } from '../../internal/check';

/** The ADM / guided-diffusion U-Net, resolved: what `admUnet` builds. */
export interface AdmConfig {
  /** Training size in pixels; attention resolutions refer to it. */
  readonly imageSize: number;
  readonly inChannels: number;
  readonly channels: number;
  readonly resBlocks: number;
  readonly channelMult: readonly number[];
  /** Down-sampling factors with attention. */
  readonly attentionFactors: readonly number[];
  readonly heads: number;
  /** -1 uses `heads`. */
  readonly headChannels: number;
  readonly headsUpsample: number;
  readonly scaleShiftNorm: boolean;
  readonly resblockUpdown: boolean;
  readonly learnSigma: boolean;
  /** 0 without class conditioning. */
  readonly classes: number;
  readonly newAttentionOrder: boolean;
}

/** A config in guided-diffusion's own keys; numbers and booleans may be strings. */
export type AdmConfigKeys = Readonly<Record<string, unknown>>;

const owner = 'convertCheckpoint';
const mostBlocks = 100;

/** The networks that the field shares, by the name of their file. */
export const presets: Readonly<Record<'ffhq256' | 'imagenet256', AdmConfigKeys>> = {
  ffhq256: {
    image_size: 256,
    num_channels: 128,
    num_res_blocks: 1,
    attention_resolutions: '16',
    num_heads: 4,
    num_head_channels: 64,
    learn_sigma: true,
    use_scale_shift_norm: true,
    resblock_updown: true,
  },
  imagenet256: {
    image_size: 256,
    num_channels: 256,
    num_res_blocks: 2,
    attention_resolutions: '32,16,8',
    num_heads: 4,
    num_head_channels: 64,
    learn_sigma: true,
    use_scale_shift_norm: true,
    resblock_updown: true,
  },
};

const defaultMult: Readonly<Record<number, readonly number[]>> = {
  512: [0.5, 1, 1, 2, 2, 4, 4],
  256: [1, 1, 2, 2, 4, 4],
  128: [1, 1, 2, 3, 4],
  64: [1, 2, 3, 4],
};

const defaults = {
  image_size: 64,
  in_channels: 3,
  num_channels: 128,
  num_res_blocks: 2,
  channel_mult: '',
  attention_resolutions: '16,8',
  num_heads: 4,
  num_head_channels: -1,
  num_heads_upsample: -1,
  use_scale_shift_norm: true,
  resblock_updown: false,
  learn_sigma: false,
  class_cond: false,
  use_new_attention_order: false,
} as const;

type Key = keyof typeof defaults;

/** The keys that describe the network. */
export const admKeys: readonly string[] = [...Object.keys(defaults), 'num_classes'];

/** A flag of guided-diffusion, which may be text. */
export function flagOf(key: string, value: unknown): boolean {
  const text = String(value).toLowerCase();
  checkType(['true', 'false'].includes(text), owner, key, 'true or false', value);
  return text === 'true';
}

/** Reads the keys of `admKeys`; what is missing has guided-diffusion's default. */
export function parseAdmConfig(settings: AdmConfigKeys): AdmConfig {
  const value = (key: Key): unknown => settings[key] ?? defaults[key];
  const integer = (key: Key, least: number): number => {
    const number = Number(value(key));
    checkInteger(owner, key, number, least);
    return number;
  };
  const flag = (key: Key): boolean => flagOf(key, value(key));
  const numbers = (key: Key): number[] =>
    String(value(key))
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number);

  const imageSize = integer('image_size', 1);
  const headChannels = integer('num_head_channels', -1);
  const heads = integer('num_heads', 1);
  const headsUpsample = integer('num_heads_upsample', -1);
  return check({
    imageSize,
    inChannels: integer('in_channels', 1),
    channels: integer('num_channels', 1),
    resBlocks: integer('num_res_blocks', 1),
    channelMult: value('channel_mult') === '' ? multOf(imageSize) : numbers('channel_mult'),
    attentionFactors: numbers('attention_resolutions').map((size) => Math.floor(imageSize / size)),
    heads,
    headChannels,
    headsUpsample: headsUpsample === -1 ? heads : headsUpsample,
    scaleShiftNorm: flag('use_scale_shift_norm'),
    resblockUpdown: flag('resblock_updown'),
    learnSigma: flag('learn_sigma'),
    classes: flag('class_cond') ? Number(settings.num_classes ?? 1000) : 0,
    newAttentionOrder: flag('use_new_attention_order'),
  });
}

function multOf(imageSize: number): readonly number[] {
  const mult = defaultMult[imageSize];
  checkRange(mult !== undefined, owner, 'channel_mult', `given for image_size ${imageSize}`, '""');
  return mult!;
}

function check(config: AdmConfig): AdmConfig {
  const { channelMult, channels, classes, attentionFactors, headChannels, resBlocks } = config;
  checkRange(resBlocks <= mostBlocks, owner, 'num_res_blocks', `at most ${mostBlocks}`, resBlocks);
  checkRange(channels <= 65_536, owner, 'num_channels', 'at most 65536', channels);
  const widths = channelMult.map((mult) => mult * channels);
  const grouped = widths.length > 0 && widths.every((width) => width > 0 && width % 32 === 0);
  checkRange(
    grouped,
    owner,
    'channel_mult',
    'numbers that times num_channels divide by 32',
    channelMult,
  );
  checkRange(
    channelMult.length <= 10,
    owner,
    'channel_mult',
    'at most 10 levels',
    channelMult.length,
  );
  const valid = attentionFactors.every((factor) => Number.isInteger(factor) && factor > 0);
  checkRange(
    valid,
    owner,
    'attention_resolutions',
    'sizes in pixels <= image_size',
    attentionFactors,
  );
  checkRange(headChannels !== 0, owner, 'num_head_channels', '-1 or at least 1', headChannels);
  checkRange(channels % 2 === 0, owner, 'num_channels', 'even', channels);
  checkInteger(owner, 'num_classes', classes, 0);
  return config;
}
