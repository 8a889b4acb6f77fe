import type { OpName } from '../layer';
import type { GraphOp } from '../op';
import { add } from './add';
import { addVector } from './add-vector';
import { attention } from './attention';
import { concat } from './concat';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { downsample } from './downsample';
import { groupNorm } from './group-norm';
import { lookup } from './lookup';
import { silu } from './silu';
import { timeEmbedding } from './time-embedding';
import { upsample } from './upsample';

/** Every operation by its name in a program. */
export const ops: Readonly<Record<OpName, GraphOp>> = {
  add,
  addVector,
  attention,
  concat,
  conv2d,
  dense,
  downsample,
  groupNorm,
  lookup,
  silu,
  timeEmbedding,
  upsample,
};
