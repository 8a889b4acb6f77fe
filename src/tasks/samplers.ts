import {
  adamDps,
  bestOf,
  daps,
  ddnm,
  ddrm,
  diffpir,
  dpir,
  dps,
  edmSchedule,
  type InverseProblem,
  meanOf,
  mmse,
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
  type SpgdOptions,
  selfEnsemble,
  sitcom,
  spgd,
} from 'spgd';
import type { Settings } from './settings';

/** A sampler that can be named on the command line. */
export interface NamedSampler {
  /** What it does, for help texts. */
  readonly summary: string;
  /** Makes it with its options from the settings. */
  make(settings: Partial<Settings>): Sampler;
}

/** Loosens the type of the problem: `sample` checks what a sampler needs before its first step. */
const named = <Options, S extends SamplerState, P extends InverseProblem>(
  summary: string,
  make: (options?: Options) => Sampler<S, P>,
): NamedSampler => ({ summary, make: make as unknown as NamedSampler['make'] });

/** Every sampler by its name; `spgd` wraps those that step from a noise level. */
export const samplers: Readonly<Record<string, NamedSampler>> = {
  'probability-flow': named('the probability-flow ODE of the prior', probabilityFlow),
  'reverse-diffusion': named('the reverse SDE of the prior', reverseDiffusion),
  dps: named('gradient of the residual through the network', dps),
  'adam-dps': named('DPS with the moments of Adam', adamDps),
  daps: named('ODE to a clean image, then a Markov chain there', daps),
  sitcom: named('the input of the network is optimized at each level', sitcom),
  mpgd: named('gradient of the residual in the denoised image', mpgd),
  diffpir: named('proximal step on the denoised image', diffpir),
  dpir: named('proximal step, then the denoiser, without noise', dpir),
  mmse: named('one pass: the posterior mean, for denoising alone', mmse),
  pigdm: named('pseudo-inverse guidance through the network', pigdm),
  ddnm: named('range of the operator from the measurement', ddnm),
  ddrm: named('closed form for each singular vector', ddrm),
  'red-diff': named('stochastic optimization of one clean image', redDiff),
  'pnp-dm': named('draws from likelihood and prior in turn', pnpDm),
};

/** A sampler in parts: its name, its own options, and those of `spgd` where `spgd` wraps it. */
export interface SamplerParts {
  /** A name of `samplers`. */
  readonly base: string;
  /** The options of that sampler. */
  readonly own: Partial<Settings>;
  /** The options of `spgd` that wraps it. */
  readonly guided?: SpgdOptions;
}

const given = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;

/**
 * The parts of `ddrm`, of `spgd:ddrm`, or of `spgd` alone, which wraps the `base` of its settings, by
 * default the probability-flow ODE. Options that both have are those of `spgd`. Throws `RangeError`
 * for an unknown name.
 */
export function samplerParts(name: string, settings: Settings): SamplerParts {
  const { base: inner = 'probability-flow', ...options } = settings;
  const [outer, wrapped = inner] = name.split(/:(.*)/);
  const base = outer === 'spgd' ? wrapped : name;
  if (!Object.hasOwn(samplers, base)) {
    const rule = `spgd, or spgd: and one of these, or one of these: ${Object.keys(samplers).join(', ')}`;
    throw new RangeError(`spgd: sampler must be ${rule}, got ${name}`);
  }
  const { steps: _, sigmaMax: __, sigmaMin: ___, tries: ____, until: _____, ...others } = options;
  const { intervalScale: ______, mirrors: _______, runs: ________, ...plain } = others;
  if (outer !== 'spgd') return { base, own: given(plain) };
  const { learningRate = 1, warmupSteps, momentum, decay, similarity, denoiseAt, ...own } = plain;
  const guided = { learningRate, warmupSteps, momentum, decay, similarity, denoiseAt };
  return { base, own: given(own), guided: given(guided) };
}

/** The sampler of a name, as `samplerParts` reads it; the best of several `tries` and the mean of several `runs` where asked for. */
export function samplerNamed(name: string, settings: Settings): Sampler {
  const { base, own, guided } = samplerParts(name, settings);
  const inner = samplers[base]!.make(own) as NoiseLevelSampler<SamplerState>;
  const alone = guided ? spgd(inner, guided) : inner;
  const { tries, until, mirrors, runs } = settings;
  const mirrored = mirrors === undefined ? alone : selfEnsemble(alone, { mirrors });
  const one =
    tries === undefined
      ? mirrored
      : bestOf(mirrored as NoiseLevelSampler<SamplerState>, { tries, until });
  return runs === undefined ? one : meanOf(one, { runs });
}

/**
 * The noise levels of a run.
 *
 * @param level What they are multiplied by, > 0: `level` of a task.
 */
export const scheduleOf = (
  { steps, sigmaMax, sigmaMin = 0.1 }: Settings,
  level = 1,
): NoiseSchedule => edmSchedule({ steps, sigmaMax, sigmaMin }).map((sigma) => level * sigma);
