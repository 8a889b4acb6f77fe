import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkPositive, checkType } from '../internal/check';
import { disposeTree } from './loop/state-tree';
import { candidate, nearerFit } from './nearest-fit';
import { errorOf } from './residual';
import type { InverseProblem, NoiseLevelSampler, SamplerState, Step } from './sampler';

/** Options of `bestOf`. */
export interface BestOfOptions {
  /** Number of runs, an integer >= 1; down to `until` each has the full cost of one. */
  tries: number;
  /**
   * The noise level below which only the best run continues, > 0. Above it the prior keeps a wrong
   * estimate from fitting y, so its residual shows it; a few steps later it fits the noise of y as
   * well as a right one.
   * @default 1
   */
  until?: number;
}

/** The state of `bestOf`: x is that of the best run so far. */
export type BestOfState<S extends SamplerState> = SamplerState & {
  /** The states of all runs; below `until`, of the chosen one. */
  readonly tries: readonly S[];
};

/**
 * Several runs of a sampler from different noise. At the noise level `until`, each item continues from
 * the run whose estimate has the smallest residual, which a diverged run never has. It suits problems
 * where the start decides whether a run succeeds, such as phase retrieval. The first run is the one
 * that `sampler` alone would take. A `start` is shared by all.
 *
 * The result is an estimate: the choice makes it no draw from the posterior.
 *
 * @throws RangeError for an option out of range; TypeError for a sampler that is not at the noise level.
 *
 * Reference: Chung et al., "Diffusion posterior sampling", ICLR 2023, take the best of four runs for
 * phase retrieval. To choose during the run, by y alone, is ours.
 */
export function bestOf<S extends SamplerState, P extends InverseProblem = InverseProblem>(
  sampler: NoiseLevelSampler<S, P>,
  { tries, until = 1 }: BestOfOptions,
): NoiseLevelSampler<BestOfState<S>, P> {
  const fits = sampler.atNoiseLevel === true;
  checkType(fits, 'bestOf', 'sampler', 'a sampler with atNoiseLevel', sampler.name);
  checkInteger('bestOf', 'tries', tries, 1);
  checkPositive('bestOf', 'until', until);
  return {
    ...sampler,
    name: `bestOf(${sampler.name})`,
    init(problem, run) {
      const states = Array.from({ length: tries }, () => sampler.init(problem, run));
      return { x: tf.clone(states[0]!.x), tries: states };
    },
    async step(state, problem, level, run) {
      const { index, total, sigmaNext } = level;
      const isLast = sigmaNext < until || index + 1 === total;
      const taken: Step<S>[] = [];
      let kept: SamplerState = state;
      try {
        for (const one of state.tries) taken.push(await sampler.step(one, problem, level, run));
        const { x, denoised, error } = choose(taken, problem);
        const tries =
          taken.length > 1 && isLast
            ? [sampler.init(problem, { ...run, initial: () => tf.clone(x) })]
            : taken.map((step) => step.state);
        const next = { x, tries };
        kept = next;
        return { state: next, denoised, error };
      } finally {
        for (const step of taken) disposeTree([step.state, step.denoised, step.error ?? []], kept);
      }
    },
  };
}

/** For each item, x, estimate and residual of the step whose residual is smallest. */
function choose(
  taken: readonly Step<SamplerState>[],
  problem: InverseProblem,
): { x: Tensor4D; denoised: Tensor4D; error: Tensor1D } {
  return tf.tidy(() => {
    const { images, error } = taken
      .map((step) => candidate([step.state.x, step.denoised], errorOf(problem, step)))
      .reduce(nearerFit);
    const [x, denoised] = images.map((image) => tf.clone(image));
    return { x: x!, denoised: denoised!, error };
  });
}
