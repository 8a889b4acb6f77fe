import { type BlurNetwork, nonlinearBlur, nonlinearKernel } from 'spgd';
import { rescaled } from './baselines/rescaled';
import { guided } from './quality';
import type { Task } from './task';

/** The name of the task that needs a network of its own. */
export const nonlinearBlurName = 'nonlinear-blur';

/** Undoing a blur that a network simulates. */
export const nonlinearBlurTask = (network: BlurNetwork): Task => ({
  name: nonlinearBlurName,
  summary: 'blurred by a learned network',
  describedBy: [],
  noiseStd: 0.05,
  settings: { learningRate: 1 },
  methods: guided,
  baseline: rescaled(1),
  operator: (_size, { seed = 0 } = {}) => nonlinearBlur({ network, seed }),
  drawn: (size, { seed = 0 } = {}) => ({ kernel: nonlinearKernel(network, { ...size, seed }) }),
});
