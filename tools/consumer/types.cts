import spgd = require('spgd');
import convert = require('spgd/convert');
import node = require('spgd/node');
import shared = require('spgd/tasks');

export const kernel: number[][] = spgd.motionKernel({ kernelSize: 9 });
export const converters: string[] = Object.keys(convert);
export const prior: string = node.bundledPrior;
export const blur: spgd.ForwardOperator = shared.tasks['gaussian-blur']!.operator({
  height: 64,
  width: 64,
});
// @ts-expect-error no such name
spgd.gaussianBlurr;
