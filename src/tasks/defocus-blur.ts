import { defocusBlur, type LinearOperator } from 'spgd';
import { wiener } from './baselines/wiener';
import { proximal } from './quality';
import { isSmall, type Task } from './task';

/** Undoing the blur of a lens out of focus. The released code has no such task; its settings are ours. */
export const defocusBlurTask: Task<LinearOperator> = {
  name: 'defocus-blur',
  summary: 'out of focus: blurred by a disc',
  describedBy: ['blurRadius'],
  noiseStd: 0.01,
  settings: { learningRate: 1 },
  methods: proximal,
  baseline: wiener,
  operator: (size, { blurRadius: radius = isSmall(size) ? 2.5 : 5 } = {}) =>
    defocusBlur({ radius }),
};
