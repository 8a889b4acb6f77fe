import {
  daps,
  ddnm,
  ddrm,
  diffpir,
  dps,
  edmSchedule,
  mpgd,
  type NoiseLevelSampler,
  type NoiseSchedule,
  pigdm,
  probabilityFlow,
  type Sampler,
  type SamplerState,
  spgd,
} from 'spgd';
import type { Settings } from './tasks';

/** How a job is done. */
export interface Method {
  readonly sampler: Sampler;
  readonly schedule: NoiseSchedule;
}

/** The type is loosened: `sample` checks before its first step what a sampler needs. */
const bases: Readonly<Record<string, (options: object) => unknown>> = {
  probabilityFlow,
  daps,
  ddnm,
  ddrm,
  diffpir,
  dps,
  mpgd,
  pigdm,
};

/** The name that `spgd` exports a sampler by: `probabilityFlow` for `probability-flow`. */
const exportOf = (name: string) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

/** A sampler in parts: what goes round which base, with which options. */
export function partsOf(sampler: string, settings: Settings) {
  const { steps, sigmaMax, sigmaMin, base: preset = 'probability-flow', ...options } = settings;
  const levels = { steps, sigmaMax, sigmaMin };
  const [outer, inner = String(preset)] = sampler.split(':');
  if (outer !== 'spgd') return { levels, base: exportOf(sampler), own: options };
  const { learningRate = 1, warmupSteps, momentum, decay, similarity, denoiseAt, ...own } = options;
  const all = { learningRate, warmupSteps, momentum, decay, similarity, denoiseAt };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return { levels, base: exportOf(inner), own, guided: Object.fromEntries(given) };
}

/** The sampler of a name, with its options out of the settings, and the noise levels. */
export function methodOf(name: string, settings: Settings): Method {
  const { levels, base, own, guided } = partsOf(name, settings);
  if (!Object.hasOwn(bases, base)) throw new RangeError(`This page has no sampler ${base}.`);
  const inner = bases[base]!(own) as NoiseLevelSampler<SamplerState>;
  const sampler = guided ? spgd(inner, guided as unknown as Parameters<typeof spgd>[1]) : inner;
  return { sampler, schedule: edmSchedule(levels) };
}
