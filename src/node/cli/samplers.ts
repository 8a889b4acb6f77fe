import {
  edmSchedule,
  type InverseProblem,
  type NoiseLevelSampler,
  type NoiseSchedule,
  probabilityFlow,
  reverseDiffusion,
  type Sampler,
  type SamplerState,
  spgd,
} from 'spgd';
import { checkRange } from '../../internal/check';
import type { Settings } from './settings';

/** A sampler that can be named on the command line. */
interface NamedSampler {
  /** What it does, for the help text. */
  readonly summary: string;
  make(settings: Settings): Sampler;
}

/** Loosens the type of the problem: `sample` checks what a sampler needs before its first step. */
const named = <S extends SamplerState, P extends InverseProblem>(
  summary: string,
  make: (settings: Settings) => Sampler<S, P>,
): NamedSampler => ({ summary, make: make as unknown as NamedSampler['make'] });

/** Every sampler by its name; `spgd` goes round those that take their step from a noise level. */
export const samplers: Readonly<Record<string, NamedSampler>> = {
  'probability-flow': named('the probability-flow ODE of the prior', () => probabilityFlow()),
  'reverse-diffusion': named('the reverse SDE of the prior', () => reverseDiffusion()),
};

const guided = /^spgd(?::(.+))?$/;

/** The sampler of a name: `ddrm`, `spgd:ddrm`, or `spgd` alone, round the probability-flow ODE. */
export function samplerNamed(name: string, settings: Settings): Sampler {
  const match = guided.exec(name);
  const base = match ? (match[1] ?? 'probability-flow') : name;
  const names = Object.keys(samplers).join(', ');
  const rule = `spgd, or spgd: and one of these, or one of these: ${names}`;
  checkRange(Object.hasOwn(samplers, base), 'spgd', 'sampler', rule, name);
  const sampler = samplers[base]!.make(settings);
  if (!match) return sampler;
  const { learningRate = 1, warmupSteps, momentum, decay, similarity, denoiseAt } = settings;
  const options = { learningRate, warmupSteps, momentum, decay, similarity, denoiseAt };
  return spgd(sampler as NoiseLevelSampler<SamplerState>, options);
}

/** The noise levels of a run. */
export const scheduleOf = ({ steps, sigmaMax, sigmaMin = 0.1 }: Settings): NoiseSchedule =>
  edmSchedule({ steps, sigmaMax, sigmaMin });
