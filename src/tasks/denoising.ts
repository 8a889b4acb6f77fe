import { identity, type LinearOperator } from 'spgd';
import { wiener } from './baselines/wiener';
import { onePass } from './quality';
import type { Task } from './task';

/** Removing noise. The released code has no such task; its settings are ours. */
export const denoisingTask: Task<LinearOperator> = {
  name: 'denoising',
  summary: 'noise of standard deviation 0.4',
  describedBy: [],
  noiseStd: 0.4,
  settings: { learningRate: 1 },
  methods: onePass,
  baseline: wiener,
  operator: () => identity(),
};
