import * as core from 'spgd';
import * as node from 'spgd/node';
import { expect, it } from 'vitest';

it('spgd exports these names and no others', () => {
  expect(Object.keys(core).sort()).toMatchInlineSnapshot(`
    [
      "SamplingError",
      "boxMask",
      "compose",
      "convertBlurNetwork",
      "convertCheckpoint",
      "convertLpips",
      "cosineBetas",
      "ddpmDenoiser",
      "edmDenoiser",
      "edmSchedule",
      "fid",
      "frechetDistance",
      "gaussianBlur",
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
      "loadBlurNetwork",
      "loadDenoiser",
      "loadLpips",
      "logSchedule",
      "measure",
      "motionBlur",
      "motionKernel",
      "nonlinearBlur",
      "nonlinearKernel",
      "phaseRetrieval",
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
