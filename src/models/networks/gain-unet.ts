import { type Architecture, programBuilder, type Value } from '../graph/program-builder';

/** The settings of a gain network. */
export interface GainConfig {
  /** Channels of each level, the finest first. */
  readonly channels: readonly number[];
  /** Residual blocks of a level on the way down, of the middle, and of a level on the way up. */
  readonly blocks: readonly [down: number, middle: number, up: number];
}

/** Channels of the images. */
export const gainImageChannels = 3;

const sinusoids = 64;
const highestFrequency = 1000;
const embeddingWidth = 128;

/** Sides of an image must divide by this: 2 for the pixel unshuffle, 2 for each further level. */
export const gainMultiple = ({ channels }: GainConfig): number => 2 ** channels.length;

/**
 * The gain network of `tools/train-prior` as a program `F(x, t)` with `t = log(sigma) / 4`: a light
 * U-Net of residual blocks without norms, in which the noise level sets a gain and a shift of each
 * channel. Layer and weight names follow its PyTorch modules.
 */
export function gainUnet(config: GainConfig): Architecture {
  const [down, middle, up] = config.blocks;
  const builder = programBuilder();
  const levels = config.channels.slice(1).map((coarse, i) => ({
    fine: config.channels[i]!,
    coarse,
  }));

  let e = builder.timeEmbedding('emb.sinusoids', sinusoids, { highest: highestFrequency });
  for (const i of [0, 2]) {
    e = builder.dense(`emb.m.${i}`, e, embeddingWidth);
    e = builder.silu(`emb.m.${i + 1}`, e);
  }
  builder.endBlock();

  /** `x + b(silu(a(x) (1 + s) + t))` with `(s, t) = e(embedding)`. */
  const residual = (base: string, x: Value): Value => {
    const vector = builder.dense(`${base}.e`, e, 2 * x.channels);
    const scaled = builder.scaleShift(
      `${base}.gain`,
      builder.conv2d(`${base}.a`, x, x.channels),
      vector,
    );
    const inner = builder.conv2d(`${base}.b`, builder.silu(`${base}.silu`, scaled), x.channels);
    const sum = builder.add(`${base}.sum`, x, inner);
    builder.endBlock();
    return sum;
  };
  const stack = (base: string, count: number, x: Value): Value => {
    let h = x;
    for (let i = 0; i < count; i++) h = residual(`${base}.${i}`, h);
    return h;
  };

  const skips: Value[] = [];
  const image: Value = { name: 'x', channels: gainImageChannels };
  let h = builder.unshuffleConv('head', image, config.channels[0]!);
  builder.endBlock();
  for (const [i, { coarse }] of levels.entries()) {
    h = stack(`down.${i}`, down, h);
    skips.push(h);
    h = builder.conv2x2(`ds.${i}`, h, coarse);
    builder.endBlock();
  }
  h = stack('mid', middle, h);
  for (const [i, { fine }] of levels.reverse().entries()) {
    const grown = builder.convTranspose2x2(`us.${i}`, h, fine);
    h = builder.add(`us.${i}.sum`, grown, skips.pop()!);
    builder.endBlock();
    h = stack(`up.${i}`, up, h);
  }
  h = builder.convShuffle('tail', builder.silu('tail.silu', h), gainImageChannels);
  return builder.finish(h);
}
