import { highDynamicRange } from 'spgd';
import { rescaled } from './baselines/rescaled';
import { clipped } from './quality';
import type { Task } from './task';

/** Recovering what over-exposure cut off. */
export const highDynamicRangeTask: Task = {
  name: 'high-dynamic-range',
  summary: 'over-exposed twice',
  describedBy: ['scale'],
  noiseStd: 0.05,
  settings: { learningRate: 1 },
  methods: clipped,
  baseline: rescaled(2),
  operator: (_size, { scale = 2 } = {}) => highDynamicRange({ scale }),
};
