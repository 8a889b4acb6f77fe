import * as core from 'spgd';
import * as node from 'spgd/node';
import { expect, it } from 'vitest';

it('spgd exports these names and no others', () => {
  expect(Object.keys(core).sort()).toMatchInlineSnapshot(`
    [
      "SamplingError",
      "averagePooling",
      "boxMask",
      "circularBlur",
      "compose",
      "convertCheckpoint",
      "cosineBetas",
      "ddnm",
      "ddpmDenoiser",
      "ddrm",
      "diffpir",
      "edmDenoiser",
      "edmSchedule",
      "gaussianBlur",
      "gaussianMixture",
      "gaussianNoise",
      "gaussianPrior",
      "highDynamicRange",
      "iddpmDenoiser",
      "identity",
      "inpainting",
      "likelihoodGradient",
      "linear",
      "linearBetas",
      "linearOperator",
      "loadDenoiser",
      "logSchedule",
      "measure",
      "motionBlur",
      "motionKernel",
      "phaseRetrieval",
      "pigdm",
      "poissonNoise",
      "probabilityFlow",
      "psnr",
      "randomMask",
      "reverseDiffusion",
      "sample",
      "spgd",
      "spgdSample",
      "ssim",
      "steps",
      "superResolution",
      "veDenoiser",
      "vpDenoiser",
      "vpSchedule",
    ]
  `);
});

it('spgd/node exports these names and no others', () => {
  expect(Object.keys(node).sort()).toMatchInlineSnapshot(`
    [
      "bundledPrior",
      "checkImagePath",
      "checkModelFolder",
      "fileHandler",
      "fileSource",
      "readImage",
      "useBackend",
      "writeImage",
    ]
  `);
});
