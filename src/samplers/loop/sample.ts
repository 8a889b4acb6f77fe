import type { InverseProblem, Sampler, SamplerState } from '../sampler';
import type { ProblemOptions, RunOptions, SampleResult, StepInfo } from './run';
import { steps } from './steps';

/** Options of `sample`. */
export interface SampleOptions<S extends SamplerState = SamplerState> extends RunOptions<S> {
  /** Called after each step, and awaited. */
  onStep?: (info: StepInfo<S>) => void | Promise<void>;
}

/**
 * Runs a sampler from the first noise level to the last.
 *
 * @throws RangeError or TypeError before the first step, for options that do not fit; AbortError;
 * SamplingError with the finished images, if items of the batch diverged.
 */
export async function sample<S extends SamplerState, P extends InverseProblem = InverseProblem>(
  sampler: Sampler<S, P>,
  problem: ProblemOptions<NoInfer<P>>,
  { onStep, ...options }: SampleOptions<S>,
): Promise<SampleResult> {
  const loop = steps(sampler, problem, options);
  try {
    for (;;) {
      const { value, done } = await loop.next();
      if (done) return value;
      await onStep?.(value);
    }
  } finally {
    // When onStep throws, the loop must still free its tensors.
    await loop.return(undefined as never);
  }
}
