import { type JpegOperator, jpeg, roundingNoise } from 'spgd';
import { decoded } from './baselines/decoded';
import { compressed } from './quality';
import type { Task } from './task';

/** The compression that is simulated where none is described, and for which noise levels are set. */
const usual = { quality: 10 } as const;

/** Undoing the losses of a JPEG. The released code has no such task; its settings are ours. */
export const jpegTask: Task<JpegOperator> = {
  name: 'jpeg',
  summary: 'a JPEG of low quality',
  describedBy: [],
  noiseStd: 1,
  noise: roundingNoise,
  settings: { learningRate: 1 },
  methods: compressed,
  baseline: decoded,
  operator: (_size, { jpeg: options = usual } = {}) => jpeg(options),
  level: ({ errorLevel }) => errorLevel / jpeg(usual).errorLevel,
  picture: (measurement, operator) => operator.decode(measurement),
};
