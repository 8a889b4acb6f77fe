import { checkRange } from '../internal/check';
import type { NoiseSchedule } from '../schedulers/schedule';
import type { ProblemOptions, RunOptions, SampleResult, StepInfo } from './loop/run';
import { sample } from './loop/sample';
import type { NoiseLevelSampler } from './sampler';
import { spgd } from './spgd';
import type { SpgdOptions } from './spgd-options';
import { type SpgdPreset, spgdPresets } from './spgd-presets';

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
    base?: NoiseLevelSampler;
    /**
     * The defaults of the options that are left out: `'released'` is the published PyTorch code,
     * `'paper'` the figure of the paper (give `warmupSteps`, and zeta as `learningRate`).
     * @default 'default'
     */
    preset?: SpgdPreset;
    /** Called after each step, and awaited. */
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
  const names = Object.keys(spgdPresets);
  checkRange(names.includes(preset), 'spgdSample', 'preset', `one of ${names.join(', ')}`, preset);
  const { learningRate, warmupSteps, momentum, similarity, transform, ...others } = rest;
  const { denoiseAt, decay, ...run } = others;
  const own = given({ warmupSteps, momentum, similarity, transform, denoiseAt, decay });
  const from = spgdPresets[preset]({ learningRate, ...own });
  const defaults = transform ? { ...from.options, momentum: undefined } : from.options;
  const sampler = spgd(base ?? from.base, { learningRate, ...defaults, ...own });
  const problem = { denoiser, operator, measurement, ...(noise ? { noise } : {}) };
  return sample(sampler, problem, { ...run, schedule: schedule ?? from.schedule });
}

/** The fields that were given. */
function given<T extends object>(options: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<{ [K in keyof T]: NonNullable<T[K]> }>;
}
