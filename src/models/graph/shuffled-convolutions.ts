import type { LayerWriter, Value } from './layer-writer';

/** Convolutions that change the size by 2, as a convolution of stride 1 and a shuffle of pixels. */
export interface ShuffledConvolutions {
  /** A transposed convolution of 4 x 4, stride 2, padding 1: twice the height and width. */
  convTranspose2d(name: string, x: Value, channels: number, options?: { bias?: boolean }): Value;
  /** A convolution, then PyTorch's pixel shuffle: twice the height and width. */
  convShuffle(name: string, x: Value, channels: number): Value;
  /** PyTorch's pixel unshuffle, then a convolution of 3 x 3: half the height and width. */
  unshuffleConv(name: string, x: Value, channels: number): Value;
  /** A convolution of 2 x 2, stride 2: half the height and width. */
  conv2x2(name: string, x: Value, channels: number, options?: { bias?: boolean }): Value;
  /** A transposed convolution of 2 x 2, stride 2: twice the height and width. */
  convTranspose2x2(name: string, x: Value, channels: number, options?: { bias?: boolean }): Value;
}

const phases = 4;

/** The channels of PyTorch's pixel shuffle, phases innermost, in our order, phases outermost. */
const shuffleOrder = (channels: number): number[] =>
  Array.from(
    { length: phases * channels },
    (_, i) => phases * (i % channels) + Math.floor(i / channels),
  );

/** One bias for each channel, repeated for each phase. */
const biasOrder = (channels: number): number[] =>
  Array.from({ length: phases * channels }, (_, i) => i % channels);

/** Writes those convolutions. */
export function shuffledConvolutions({
  layer,
  weight,
}: Pick<LayerWriter, 'layer' | 'weight'>): ShuffledConvolutions {
  const attributes = (channels: number, size: number) => ({
    channels,
    stride: 1,
    size,
    padding: size >> 1,
  });
  return {
    convTranspose2d: (name, x, channels, { bias = false } = {}) => {
      const wide = phases * channels;
      const { name: input } = layer('conv2d', `${name}.phases`, [x.name], wide, {
        weights: {
          filter: weight(`${name}.weight`, [2, 2, x.channels, wide], 'convTranspose2d'),
          ...(bias ? { bias: weight(`${name}.bias`, [wide], 'vector', biasOrder(channels)) } : {}),
        },
        attributes: attributes(wide, 2),
      });
      return layer('pixelShuffle', name, [input], channels, { attributes: { shifted: 1 } });
    },
    convShuffle: (name, x, channels) => {
      const order = shuffleOrder(channels);
      const wide = phases * channels;
      const { name: input } = layer('conv2d', name, [x.name], wide, {
        weights: {
          filter: weight(`${name}.weight`, [3, 3, x.channels, wide], 'conv2d', order),
          bias: weight(`${name}.bias`, [wide], 'vector', order),
        },
        attributes: attributes(wide, 3),
      });
      return layer('pixelShuffle', `${name}.shuffle`, [input], channels);
    },
    unshuffleConv: (name, x, channels) => {
      const wide = layer('pixelUnshuffle', `${name}.unshuffle`, [x.name], phases * x.channels);
      return layer('conv2d', name, [wide.name], channels, {
        weights: {
          filter: weight(`${name}.weight`, [3, 3, wide.channels, channels], 'unshuffledConv2d'),
          bias: weight(`${name}.bias`, [channels], 'vector'),
        },
        attributes: attributes(channels, 3),
      });
    },
    conv2x2: (name, x, channels, { bias = true } = {}) => {
      const wide = layer('pixelUnshuffle', `${name}.unshuffle`, [x.name], phases * x.channels);
      return layer('conv2d', name, [wide.name], channels, {
        weights: {
          filter: weight(`${name}.weight`, [1, 1, wide.channels, channels], 'conv2x2'),
          ...(bias ? { bias: weight(`${name}.bias`, [channels], 'vector') } : {}),
        },
        attributes: attributes(channels, 1),
      });
    },
    convTranspose2x2: (name, x, channels, { bias = true } = {}) => {
      const wide = phases * channels;
      const { name: input } = layer('conv2d', `${name}.phases`, [x.name], wide, {
        weights: {
          filter: weight(`${name}.weight`, [1, 1, x.channels, wide], 'convTranspose2x2'),
          ...(bias ? { bias: weight(`${name}.bias`, [wide], 'vector', biasOrder(channels)) } : {}),
        },
        attributes: attributes(wide, 1),
      });
      return layer('pixelShuffle', name, [input], channels);
    },
  };
}
