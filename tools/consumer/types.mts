import type { Tensor4D } from '@tensorflow/tfjs';
import {
  ddrm,
  type ForwardOperator,
  gaussianBlur,
  highDynamicRange,
  type LoadedDenoiser,
  loadDenoiser,
  redDiff,
  type Sampler,
  sample,
  spgd,
} from 'spgd';
import { type ConvertOptions, convertCheckpoint } from 'spgd/convert';
import { bundledPrior, readImage } from 'spgd/node';
import { chooseSettings, type Settings } from 'spgd/tasks';

declare const measurement: Tensor4D;
const denoiser: LoadedDenoiser = await loadDenoiser(bundledPrior);
const options: ConvertOptions = { preset: 'ffhq256', dtype: 'float16' };
export const artifacts = convertCheckpoint(new Uint8Array(64), options);
const schedule = [1, 0.5, 0];
const blur = gaussianBlur({ kernelSize: 9, std: 1 });
export const restored: Tensor4D = (
  await sample(ddrm(), { denoiser, operator: blur, measurement }, { schedule })
).sample;
export const photo: Tensor4D = await readImage('photo.png', { size: [64, 64] });
export const settings: Settings = chooseSettings('denoising', 'spgd', null).settings;
export const halved: ForwardOperator = { name: 'halved', forward: (x) => x };
export const still: Sampler = {
  name: 'still',
  init: (_problem, run) => ({ x: run.initial() }),
  step: ({ x }) => ({ state: { x }, denoised: x }),
};

// @ts-expect-error an operator without singular values is not for ddrm
sample(ddrm(), { denoiser, operator: highDynamicRange({ scale: 2 }), measurement }, { schedule });
// @ts-expect-error the x of redDiff is a clean image: spgd cannot wrap it
spgd(redDiff(), { learningRate: 1 });
// @ts-expect-error a kernel has a size
gaussianBlur({ std: 1 });
