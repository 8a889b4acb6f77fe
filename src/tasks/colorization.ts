import { type ColorizationOperator, colorization } from 'spgd';
import { decoded } from './baselines/decoded';
import { coloured } from './quality';
import type { Task } from './task';

/** Inventing the colours of a grey photo. The released code has no such task; its settings are ours. */
export const colorizationTask: Task<ColorizationOperator> = {
  name: 'colorization',
  summary: 'a grey photo, to be given colours',
  describedBy: [],
  fromGray: true,
  noiseStd: 0.01,
  settings: { learningRate: 1 },
  methods: coloured,
  baseline: { ...decoded, name: 'grey copy' },
  operator: () => colorization(),
  picture: (measurement, operator) => operator.decode(measurement),
};
