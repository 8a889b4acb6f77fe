import spgd = require('spgd');
import convert = require('spgd/convert');
import node = require('spgd/node');

export const kernel: number[][] = spgd.motionKernel({ kernelSize: 9 });
export const converters: string[] = Object.keys(convert);
export const prior: string = node.bundledPrior;
// @ts-expect-error no such name
spgd.gaussianBlurr;
