import spgd = require('spgd');
import node = require('spgd/node');

export const kernel: number[][] = spgd.motionKernel({ kernelSize: 9 });
export const prior: string = node.bundledPrior;
// @ts-expect-error no such name
spgd.gaussianBlurr;
