import { checkInteger } from '../internal/check';
import { meanImage } from '../internal/mean-image';
import { disposeTree } from './loop/state-tree';
import type { InverseProblem, Sampler, SamplerState, Step } from './sampler';

/** Options of `meanOf`. */
export interface MeanOfOptions {
  /** Number of runs, an integer >= 1; each has the full cost of one. */
  runs: number;
}

/** The state of `meanOf`: x is the mean of the runs. */
export type MeanOfState<S extends SamplerState> = SamplerState & {
  /** The states of all runs. */
  readonly runs: readonly S[];
};

/**
 * The mean of several runs of a sampler from different noise: what differs from run to run is error,
 * and a mean has less of it. It suits samplers that add noise, such as `diffpir` at a low temperature, and
 * problems with one solution. The first run is the one that `sampler` alone would take. A `start` is shared
 * by all.
 *
 * The result is an estimate of high PSNR, no draw from the posterior.
 *
 * @throws RangeError for an option out of range.
 */
export function meanOf<S extends SamplerState, P extends InverseProblem = InverseProblem>(
  sampler: Sampler<S, P>,
  { runs }: MeanOfOptions,
): Sampler<MeanOfState<S>, P> {
  checkInteger('meanOf', 'runs', runs, 1);
  const { atNoiseLevel: _, ...rest } = sampler;
  return {
    ...rest,
    name: `meanOf(${sampler.name})`,
    init(problem, run) {
      const states = Array.from({ length: runs }, () => sampler.init(problem, run));
      return { x: meanImage(states.map(({ x }) => x)), runs: states };
    },
    async step(state, problem, level, run) {
      const taken: Step<S>[] = [];
      let kept: SamplerState = state;
      try {
        for (const one of state.runs) taken.push(await sampler.step(one, problem, level, run));
        const denoised = meanImage(taken.map((step) => step.denoised));
        const runs = taken.map((step) => step.state);
        const next = { x: meanImage(runs.map(({ x }) => x)), runs };
        kept = next;
        return { state: next, denoised };
      } finally {
        for (const step of taken) disposeTree([step.state, step.denoised, step.error ?? []], kept);
      }
    },
  };
}
