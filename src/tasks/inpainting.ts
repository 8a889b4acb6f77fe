import type { Tensor4D } from '@tensorflow/tfjs';
import { boxMask, inpainting, randomMask } from 'spgd';
import { linearInterpolation } from './baselines/linear-interpolation';
import { filling, type Methods, sparse } from './quality';
import type { Damage, Size, Task } from './task';

/** Filling in pixels where a mask is 0; `draw` makes the mask where none is given. */
const masked = (
  name: string,
  summary: string,
  methods: Methods,
  draw: (size: Size, seed?: number) => Tensor4D,
): Task => {
  const maskOf = (size: Size, { mask, seed }: Damage = {}) => mask ?? draw(size, seed);
  return {
    name,
    summary,
    describedBy: ['mask'],
    noiseStd: 0.01,
    settings: { learningRate: 2.5 },
    methods,
    baseline: linearInterpolation,
    operator: (size, damage) => inpainting({ mask: maskOf(size, damage) }),
    drawn: (size, damage) => ({ mask: maskOf(size, damage) }),
  };
};

/** Filling in single pixels that are missing everywhere. */
export const randomInpaintingTask: Task = masked(
  'random-inpainting',
  '80 % of the pixels missing',
  sparse,
  (size, seed = 0) => randomMask({ ...size, seed }),
);

/** Filling in a region: a box by default. Its learning rate is ours; the released file does not run. */
export const boxInpaintingTask: Task = masked(
  'box-inpainting',
  'a box of half the size missing',
  filling,
  ({ height, width }) => boxMask({ height, width, boxHeight: height >> 1, boxWidth: width >> 1 }),
);
