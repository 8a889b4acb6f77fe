import {
  ddrm,
  dps,
  edmSchedule,
  type NoiseLevelSampler,
  type NoiseSchedule,
  probabilityFlow,
  type Sampler,
  type SamplerState,
  spgd,
} from 'spgd';
import type { SamplerName, Settings } from './tasks';

/** How a job is done. */
export interface Method {
  readonly sampler: Sampler;
  readonly schedule: NoiseSchedule;
}

/** The type is loosened: `sample` checks before its first step what a sampler needs. */
const bases: Readonly<Record<string, (options: object) => unknown>> = {
  'probability-flow': probabilityFlow,
  ddrm,
  dps,
};

/** The sampler of a name, with its options out of the settings. */
export function methodOf(name: SamplerName, settings: Settings): Method {
  const { steps, sigmaMax, sigmaMin, ...options } = settings;
  const schedule = edmSchedule({ steps, sigmaMax, sigmaMin });
  const [, base = 'probability-flow'] = name.split(':');
  if (!name.startsWith('spgd')) return { sampler: bases[name]!(options) as Sampler, schedule };
  const { learningRate, warmupSteps, momentum, decay, similarity, denoiseAt, ...own } = options;
  const guided = { learningRate, warmupSteps, momentum, decay, similarity, denoiseAt };
  const inner = bases[base]!(own) as NoiseLevelSampler<SamplerState>;
  return { sampler: spgd(inner, guided as Parameters<typeof spgd>[1]), schedule };
}
