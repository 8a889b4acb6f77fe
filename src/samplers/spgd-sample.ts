import { checkRange } from '../internal/check';
import type { NoiseSchedule } from '../schedulers/schedule';
import type { ProblemOptions, RunOptions, SampleResult, StepInfo } from './loop/run';
import { sample } from './loop/sample';
import { type PresetName, presets } from './presets';
import type { SamplerState } from './sampler';
import { type NoiseLevelSampler, spgd } from './spgd';
import type { SpgdOptions } from './spgd-options';

/** Options of `spgdSample`: a problem, a run, and what `spgd` takes. */
export type SpgdSampleOptions = ProblemOptions &
  Omit<RunOptions, 'schedule'> &
  Omit<SpgdOptions, 'learningRate'> & {
    /** The step along the likelihood gradient, > 0; zeta of the paper with the preset `'paper'`. */
    learningRate: SpgdOptions['learningRate'];
    /**
     * Noise levels.
     * @default edmSchedule({ steps: 100 }), or that of the preset
     */
    schedule?: NoiseSchedule;
    /**
     * The sampler that SPGD wraps.
     * @default probabilityFlow()
     */
    base?: NoiseLevelSampler<SamplerState>;
    /**
     * Where options that are left out come from: `'released'` is the published PyTorch code,
     * `'paper'` the figure of the paper (give `warmupSteps`, and zeta as `learningRate`).
     * @default 'default'
     */
    preset?: PresetName;
    /** Told after each step, and awaited. */
    onStep?: (info: StepInfo) => void | Promise<void>;
  };

/**
 * Restores images by SPGD: `sample(spgd(base, options), problem, run)` in one call.
 *
 * `measurement` is `[batch, height, width, channels]` as the operator makes it of images with
 * values in [-1, 1]; so are the samples.
 *
 * @throws as `spgd` and `sample` do.
 *
 * Reference: SPGD, arXiv 2507.06656.
 */
export function spgdSample(options: SpgdSampleOptions): Promise<SampleResult> {
  const {
    denoiser,
    operator,
    measurement,
    noise,
    preset = 'default',
    base,
    schedule,
    ...rest
  } = options;
  const names = Object.keys(presets);
  checkRange(names.includes(preset), 'spgdSample', 'preset', `one of ${names.join(', ')}`, preset);
  const { learningRate, warmupSteps, momentum, similarity, denoiseAt, decay, ...run } = rest;
  const own = given({ warmupSteps, momentum, similarity, denoiseAt, decay });
  const from = presets[preset]({ learningRate, ...own });
  const sampler = spgd(base ?? from.base, { learningRate, ...from.options, ...own });
  const problem = { denoiser, operator, measurement, ...(noise ? { noise } : {}) };
  return sample(sampler, problem, { ...run, schedule: schedule ?? from.schedule });
}

/** The fields that were given. */
function given<T extends object>(options: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<{ [K in keyof T]: NonNullable<T[K]> }>;
}
