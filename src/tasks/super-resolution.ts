import { superResolution } from 'spgd';
import { bicubic } from './baselines/bicubic';
import { enlarging } from './quality';
import type { Task } from './task';

/** Enlarging a picture that was reduced. */
export const superResolutionTask: Task = {
  name: 'super-resolution',
  summary: '4 times smaller',
  describedBy: ['scale'],
  noiseStd: 0.01,
  settings: { learningRate: 7 },
  methods: enlarging,
  baseline: bicubic,
  operator: (_size, { scale = 4 } = {}) => superResolution({ scale }),
};
