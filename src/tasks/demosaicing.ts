import { type DemosaicingOperator, demosaicing } from 'spgd';
import { decoded } from './baselines/decoded';
import { interpolated } from './quality';
import type { Task } from './task';

/** Colours from the mosaic of a sensor. The released code has no such task; its settings are ours. */
export const demosaicingTask: Task<DemosaicingOperator> = {
  name: 'demosaicing',
  summary: 'the mosaic of a sensor: one colour a pixel',
  describedBy: [],
  fromGray: true,
  noiseStd: 0.01,
  settings: { learningRate: 1 },
  methods: interpolated,
  baseline: { ...decoded, name: 'bilinear' },
  operator: () => demosaicing(),
  picture: (measurement, operator) => operator.decode(measurement),
};
