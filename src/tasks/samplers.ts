import {
  adamDps,
  bestOf,
  daps,
  ddnm,
  ddrm,
  diffpir,
  dps,
  edmSchedule,
  type InverseProblem,
  mpgd,
  type NoiseLevelSampler,
  type NoiseSchedule,
  pigdm,
  pnpDm,
  probabilityFlow,
  redDiff,
  reverseDiffusion,
  type Sampler,
  type SamplerState,
  sitcom,
  spgd,
} from 'spgd';
import type { Settings } from './settings';

/** A sampler that can be named on the command line. */
interface NamedSampler {
  /** What it does, for the help text. */
  readonly summary: string;
  make(settings: Settings): Sampler;
}

/** Loosens the type of the problem: `sample` checks what a sampler needs before its first step. */
const named = <Options, S extends SamplerState, P extends InverseProblem>(
  summary: string,
  make: (options?: Options) => Sampler<S, P>,
): NamedSampler => ({ summary, make: make as unknown as NamedSampler['make'] });

/** Every sampler by its name; `spgd` goes round those that take their step from a noise level. */
export const samplers: Readonly<Record<string, NamedSampler>> = {
  'probability-flow': named('the probability-flow ODE of the prior', probabilityFlow),
  'reverse-diffusion': named('the reverse SDE of the prior', reverseDiffusion),
  dps: named('gradient of the residual through the network', dps),
  'adam-dps': named('DPS with the moments of Adam', adamDps),
  daps: named('ODE to a clean image, then a Markov chain there', daps),
  sitcom: named('the input of the network is optimized at each level', sitcom),
  mpgd: named('gradient of the residual in the denoised image', mpgd),
  diffpir: named('proximal step on the denoised image', diffpir),
  pigdm: named('pseudo-inverse guidance through the network', pigdm),
  ddnm: named('range of the operator from the measurement', ddnm),
  ddrm: named('closed form for each singular vector', ddrm),
  'red-diff': named('stochastic optimization of one clean image', redDiff),
  'pnp-dm': named('draws from likelihood and prior in turn', pnpDm),
};

const guided = /^spgd(?::(.+))?$/;

/**
 * The sampler of a name: `ddrm`, `spgd:ddrm`, or `spgd` alone, which goes round the `base` of its
 * settings, by default the probability-flow ODE. Options that both have are those of `spgd`. Where the
 * settings ask for several `tries`, it is the best of them.
 */
export function samplerNamed(name: string, settings: Settings): Sampler {
  const sampler = singleRun(name, settings);
  const { tries, until } = settings;
  if (tries === undefined) return sampler;
  return bestOf(sampler as NoiseLevelSampler<SamplerState>, { tries, until });
}

/** One run of the sampler of a name. */
function singleRun(name: string, settings: Settings): Sampler {
  const match = guided.exec(name);
  const base = match ? (match[1] ?? settings.base ?? 'probability-flow') : name;
  const names = Object.keys(samplers).join(', ');
  if (!Object.hasOwn(samplers, base)) {
    const rule = `spgd, or spgd: and one of these, or one of these: ${names}`;
    throw new RangeError(`spgd: sampler must be ${rule}, got ${name}`);
  }
  if (!match) return samplers[base]!.make(settings);
  const { base: _, learningRate = 1, warmupSteps, momentum, decay, ...others } = settings;
  const { similarity, denoiseAt, ...own } = others;
  const options = { learningRate, warmupSteps, momentum, decay, similarity, denoiseAt };
  return spgd(samplers[base]!.make(own) as NoiseLevelSampler<SamplerState>, options);
}

/** The noise levels of a run. */
export const scheduleOf = ({ steps, sigmaMax, sigmaMin = 0.1 }: Settings): NoiseSchedule =>
  edmSchedule({ steps, sigmaMax, sigmaMin });
