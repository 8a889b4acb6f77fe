import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkPositive, checkType } from '../internal/check';
import { disposeTree } from './loop/state-tree';
import type { InverseProblem, SamplerState, Step } from './sampler';
import type { NoiseLevelSampler } from './spgd';

/** Options of `bestOf`. */
export interface BestOfOptions {
  /** Runs from other noise, an integer >= 1; each costs what one costs, down to `until`. */
  tries: number;
  /**
   * The noise level below which only the best goes on, > 0. Down to there the prior holds the
   * estimates back, and a wrong one shows in its data error; a few steps later it fits the noise of y
   * as well as a right one.
   * @default 1
   */
  until?: number;
}

/** The state of `bestOf`: x is that of the best so far. */
export type BestOfState<S extends SamplerState> = SamplerState & {
  /** The states of the runs: of all, then of the one that was chosen. */
  readonly tries: readonly S[];
};

/**
 * Several runs of a sampler from other noise; at the noise level `until` each item goes on from the
 * one whose estimate explains its measurement best: the smallest distance between `A(denoised)` and y,
 * which a run that diverged never has. For problems where a run succeeds or fails by its start, such
 * as phase retrieval. The first is the run that `sampler` alone would take. A `start` is that of all.
 *
 * It gives an estimate: the choice makes it no draw from the posterior.
 *
 * @throws RangeError for an option out of range; TypeError for a sampler that is not at the noise level.
 *
 * Reference: the best of four runs, for phase retrieval, is in Chung et al., "Diffusion posterior
 * sampling", ICLR 2023; that it is chosen on the way and by y alone is ours.
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

/** Of each item, x and estimate of the step that explains its measurement best. */
function choose(
  taken: readonly Step<SamplerState>[],
  { operator, measurement, noise }: InverseProblem,
): { x: Tensor4D; denoised: Tensor4D; error: Tensor1D } {
  return tf.tidy(() => {
    const rated = taken.map(({ state, denoised }) => {
      const distance = noise.distance(operator.forward(denoised), measurement);
      // NaN wherever x or the estimate is not finite.
      const sound = tf.add(distance, tf.sum(tf.mul(state.x, 0), [1, 2, 3]));
      const error = tf.where(tf.isNaN(sound), Number.POSITIVE_INFINITY, distance) as Tensor1D;
      return { x: tf.clone(state.x), denoised: tf.clone(denoised), error };
    });
    return rated.reduce((best, next) => {
      const isBetter = tf.less(next.error, best.error);
      const ofItems = tf.reshape(isBetter, [-1, 1, 1, 1]);
      return {
        x: tf.where(ofItems, next.x, best.x),
        denoised: tf.where(ofItems, next.denoised, best.denoised),
        error: tf.where(isBetter, next.error, best.error),
      };
    });
  });
}
