import {
  type Architecture,
  type ProgramBuilder,
  programBuilder,
  type Value,
} from '../graph/program-builder';
import type { LpipsNet } from './lpips-nets';

/** Calls `feature` with each value that LPIPS compares, in order. */
type Backbone = (builder: ProgramBuilder, x: Value, feature: (value: Value) => void) => void;

const convRelu = (
  builder: ProgramBuilder,
  index: number,
  x: Value,
  channels: number,
  options?: Parameters<ProgramBuilder['conv2d']>[3],
): Value =>
  builder.relu(`features.${index + 1}`, builder.conv2d(`features.${index}`, x, channels, options));

/** SqueezeNet 1.1: a pixel's channels are squeezed, then expanded by 1 x 1 and 3 x 3 side by side. */
const squeeze: Backbone = (builder, x, feature) => {
  const pool = (index: number, value: Value) =>
    builder.maxPool(`features.${index}`, value, { size: 3, ceil: true });
  const fire = (index: number, value: Value, narrow: number, wide: number): Value => {
    const name = `features.${index}`;
    const squeezed = builder.conv2d(`${name}.squeeze`, value, narrow, { size: 1 });
    const active = builder.relu(`${name}.squeeze_activation`, squeezed);
    const ones = builder.conv2d(`${name}.expand1x1`, active, wide, { size: 1 });
    const threes = builder.conv2d(`${name}.expand3x3`, active, wide);
    const both = builder.concat(`${name}.concat`, ones, threes);
    return builder.relu(`${name}.expand_activation`, both);
  };
  let h = convRelu(builder, 0, x, 64, { stride: 2, padding: 0 });
  feature(h);
  h = fire(4, fire(3, pool(2, h), 16, 64), 16, 64);
  feature(h);
  h = fire(7, fire(6, pool(5, h), 32, 128), 32, 128);
  feature(h);
  h = fire(9, pool(8, h), 48, 192);
  feature(h);
  h = fire(10, h, 48, 192);
  feature(h);
  h = fire(11, h, 64, 256);
  feature(h);
  feature(fire(12, h, 64, 256));
};

/** The first half of AlexNet, as torchvision has it. */
const alex: Backbone = (builder, x, feature) => {
  const pool = (index: number, value: Value) =>
    builder.maxPool(`features.${index}`, value, { size: 3 });
  let h = convRelu(builder, 0, x, 64, { size: 11, stride: 4, padding: 2 });
  feature(h);
  h = convRelu(builder, 3, pool(2, h), 192, { size: 5 });
  feature(h);
  h = convRelu(builder, 6, pool(5, h), 384);
  feature(h);
  h = convRelu(builder, 8, h, 256);
  feature(h);
  feature(convRelu(builder, 10, h, 256));
};

/** The convolutions of VGG-16: five stages with pooling between them. */
const vgg: Backbone = (builder, x, feature) => {
  const stages = [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ];
  let index = 0;
  let h = x;
  for (const widths of stages) {
    if (index > 0) h = builder.maxPool(`features.${index++}`, h, { size: 2 });
    for (const width of widths) {
      h = convRelu(builder, index, h, width);
      index += 2;
    }
    feature(h);
  }
};

const backbones: Readonly<Record<LpipsNet, Backbone>> = { squeeze, alex, vgg };

/**
 * Images in [-1, 1] as rows of features whose squared distance is their LPIPS. Names are those of
 * torchvision's backbone and of LPIPS' heads, version 0.1.
 *
 * Reference: Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual
 * Metric", CVPR 2018.
 */
export function perceptualNetwork(net: LpipsNet): Architecture {
  const builder = programBuilder();
  const rows: Value[] = [];
  const x = builder.standardize('scaling_layer', { name: 'x', channels: 3 });
  backbones[net](builder, x, (value) => {
    const name = `lin${rows.length}`;
    rows.push(builder.unitFeatures(name, value, `${name}.model.1.weight`));
    builder.endBlock();
  });
  // The first row is the longest: it is copied once, at the end.
  const all = rows.reduceRight((rest, row) => builder.concat(`${row.name}.concat`, row, rest));
  return builder.finish(all);
}
