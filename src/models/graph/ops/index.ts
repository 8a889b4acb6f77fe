import type { OpName } from '../layer';
import type { GraphOp } from '../op';
import { add } from './add';
import { addVector } from './add-vector';
import { attention } from './attention';
import { binomial } from './binomial';
import { concat } from './concat';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { downsample } from './downsample';
import { groupNorm } from './group-norm';
import { lookup } from './lookup';
import { maxPool } from './max-pool';
import { pixelShuffle } from './pixel-shuffle';
import { pixelUnshuffle } from './pixel-unshuffle';
import { relu } from './relu';
import { scaleShift } from './scale-shift';
import { silu } from './silu';
import { standardize } from './standardize';
import { tanh } from './tanh';
import { timeEmbedding } from './time-embedding';
import { timeMap } from './time-map';
import { unitFeatures } from './unit-features';
import { upsample } from './upsample';

/** Every operation by its name in a program. */
export const ops: Readonly<Record<OpName, GraphOp>> = {
  add,
  addVector,
  attention,
  binomial,
  concat,
  conv2d,
  dense,
  downsample,
  groupNorm,
  lookup,
  maxPool,
  pixelShuffle,
  pixelUnshuffle,
  relu,
  scaleShift,
  silu,
  standardize,
  tanh,
  timeEmbedding,
  timeMap,
  unitFeatures,
  upsample,
};
