import { gaussianBlur, type LinearOperator } from 'spgd';
import { wiener } from './baselines/wiener';
import { proximal } from './quality';
import { isSmall, type Task } from './task';

/** Undoing a Gaussian blur, such as a wrong focus. */
export const gaussianBlurTask: Task<LinearOperator> = {
  name: 'gaussian-blur',
  summary: 'blurred by a Gaussian',
  describedBy: ['blurStd'],
  noiseStd: 0.01,
  settings: { learningRate: 1 },
  methods: proximal,
  baseline: wiener,
  operator(size, { blurStd: std } = {}) {
    if (std !== undefined) return gaussianBlur({ kernelSize: 2 * Math.ceil(4 * std) + 1, std });
    return gaussianBlur(isSmall(size) ? { kernelSize: 15, std: 1.5 } : { kernelSize: 61, std: 3 });
  },
};
