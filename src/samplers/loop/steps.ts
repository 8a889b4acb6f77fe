import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { finiteItems, readOnce } from '../../internal/finite';
import { errorOf } from '../residual';
import type { InverseProblem, Sampler, SamplerState, Step } from '../sampler';
import { withinBound } from '../within-bound';
import { checkValues } from './check-values';
import { explainFailures } from './explain-failures';
import { prepare } from './prepare';
import type { ProblemOptions, RunOptions, SampleResult, StepInfo } from './run';
import { type ItemFailure, SamplingError } from './sampling-error';
import { cloneTree, disposeTree } from './state-tree';

/**
 * The loop of `sample` as an async generator: it yields after each step, and returns the result.
 * Leaving it early frees its tensors.
 */
export async function* steps<S extends SamplerState, P extends InverseProblem = InverseProblem>(
  sampler: Sampler<S, P>,
  problem: ProblemOptions<NoInfer<P>>,
  options: RunOptions<S>,
): AsyncGenerator<StepInfo<S>, SampleResult, void> {
  const { posed, run, first } = prepare(sampler, problem, options);
  const { schedule, start, resume } = options;
  const total = schedule.length - 1;
  const failures = new Map<number, ItemFailure>();
  let state: S | undefined;
  try {
    await checkValues(sampler.name, posed, { start, 'resume.state.x': resume?.state.x });
    state = resume ? cloneTree(resume.state) : sampler.init(posed, run);
    for (let index = first; index < total && failures.size < run.shape[0]; index++) {
      run.startStep(index);
      await run.tick();
      const level = { index, total, sigma: schedule[index]!, sigmaNext: schedule[index + 1]! };
      const before: S = state;
      const step = await sampler.step(before, posed, level, run);
      state = step.state;
      try {
        const { failed, error } = await readStep(step, posed);
        const added = failed.filter((item) => !failures.has(item));
        if (added.length > 0) {
          const advice = await explainFailures(posed, sampler, before.x, level.sigma);
          for (const item of added) failures.set(item, { item, step: index, advice: advice(item) });
        }
        disposeTree(before, state);
        yield { ...level, x: state.x, denoised: step.denoised, state, error };
      } finally {
        disposeTree([before, step.denoised, step.error ?? []], state);
      }
    }
    if (failures.size > 0) throw failedRun(state.x, failures);
    return { sample: withinBound(posed, state.x) };
  } finally {
    disposeTree([state ?? [], posed.measurement]);
  }
}

/** Reads a step back, once: which items are no longer finite, and the residual of each. */
async function readStep(
  step: Step<SamplerState>,
  problem: InverseProblem,
): Promise<{ failed: number[]; error: number[] }> {
  const both = tf.tidy(() => {
    const zeros = tf.add(finiteItems(step.state.x), finiteItems(step.denoised));
    return tf.concat([zeros, errorOf(problem, step)]);
  });
  const [batch] = step.denoised.shape;
  const values = Array.from(await readOnce(both));
  const items = [...Array(batch).keys()];
  return { failed: items.filter((item) => values[item] !== 0), error: values.slice(batch) };
}

/** The error that carries the items that did finish. */
function failedRun(x: Tensor4D, failures: ReadonlyMap<number, ItemFailure>): SamplingError {
  const [batch, ...rest] = x.shape;
  const items = [...Array(batch).keys()].filter((item) => !failures.has(item));
  const finished = items.map((item) => ({
    item,
    sample: tf.slice(x, [item, 0, 0, 0], [1, ...rest]),
  }));
  return new SamplingError([...failures.values()], finished);
}
