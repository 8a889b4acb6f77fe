import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import { itemSeeds } from '../../internal/random';
import { gaussianNoise } from '../../operators/noise/gaussian-noise';
import { checkSchedule } from '../../schedulers/check-schedule';
import type { InverseProblem, Sampler, SamplerState, Step } from '../sampler';
import { checkNeeds } from './check-needs';
import { checkProblem } from './check-problem';
import { checkSigmaRange } from './check-sigma-range';
import type { ProblemOptions, RunOptions, SampleResult, StepInfo } from './run';
import { runContext } from './run-context';
import { type ItemFailure, SamplingError } from './sampling-error';
import { cloneTree, disposeTree } from './state-tree';

/**
 * The loop of `sample` as an async generator: it yields after each step, and returns the result.
 * Leaving it early frees what it holds.
 */
export async function* steps<S extends SamplerState, P extends InverseProblem = InverseProblem>(
  sampler: Sampler<S, P>,
  problem: ProblemOptions<NoInfer<P>>,
  options: RunOptions<S>,
): AsyncGenerator<StepInfo<S>, SampleResult, void> {
  const { whole, run, first } = prepare(sampler, problem, options);
  const { schedule } = options;
  const total = schedule.length - 1;
  const failures = new Map<number, ItemFailure>();
  let state = options.resume ? cloneTree(options.resume.state) : sampler.init(whole, run);
  try {
    for (let index = first; index < total && failures.size < run.shape[0]; index++) {
      run.startStep(index);
      await run.tick();
      const level = { index, total, sigma: schedule[index]!, sigmaNext: schedule[index + 1]! };
      const step = await sampler.step(state, whole, level, run);
      disposeTree(state, step.state);
      state = step.state;
      try {
        const error = await readStep(step, index, sampler, failures);
        yield { ...level, x: state.x, denoised: step.denoised, state, ...(error ? { error } : {}) };
      } finally {
        disposeTree([step.denoised, step.error ?? []], state);
      }
    }
    if (failures.size > 0) throw failed(state.x, failures);
    return { sample: tf.clone(state.x) };
  } finally {
    disposeTree(state);
  }
}

/** Checks everything that can be checked, so that the loop cannot fail for want of it. */
function prepare<S extends SamplerState, P extends InverseProblem>(
  sampler: Sampler<S, P>,
  problem: ProblemOptions<P>,
  { schedule, start, imageShape, resume, signal, seed, seeds, ...unknown }: RunOptions<S>,
) {
  const owner = sampler.name;
  signal?.throwIfAborted();
  const [name] = Object.keys(unknown);
  checkRange(name === undefined, owner, 'options', 'known ones', name);
  checkSchedule(owner, schedule);
  const whole = { ...problem, noise: problem.noise ?? gaussianNoise(0) } as unknown as P;
  const shape = checkProblem(owner, whole, imageShape);
  checkNeeds(sampler, whole);
  checkSigmaRange(owner, whole.denoiser, schedule);
  const items = itemSeeds(owner, shape[0], { seed, seeds });
  const first = resume?.index ?? 0;
  const total = schedule.length - 1;
  const inRange = Number.isInteger(first) && first >= 0 && first < total;
  checkRange(inRange, owner, 'resume.index', `an integer from 0 to ${total - 1}`, first);
  for (const [option, x] of Object.entries({ start, 'resume.state.x': resume?.state.x })) {
    const fits = x === undefined || `${x.shape}` === `${shape}`;
    checkRange(fits, owner, option, `of the shape [${shape}]`, x?.shape);
  }
  const run = runContext({
    shape,
    schedule,
    seeds: items,
    ...(start ? { start } : {}),
    ...(signal ? { signal } : {}),
  });
  return { whole, run, first };
}

/** Reads a step back, once: its errors, and which items are no longer finite. */
async function readStep<S extends SamplerState>(
  { state, denoised, error }: Step<S>,
  step: number,
  { remedy = 'check the measurement and the schedule' }: Pick<Sampler, 'remedy'>,
  failures: Map<number, ItemFailure>,
): Promise<number[] | undefined> {
  const sums = tf.tidy(() => tf.sum(tf.add(tf.mul(state.x, 0), tf.mul(denoised, 0)), [1, 2, 3]));
  const zeros = await sums.data();
  sums.dispose();
  for (const [item, zero] of zeros.entries()) {
    if (zero !== 0 && !failures.has(item)) failures.set(item, { item, step, advice: remedy });
  }
  return error && Array.from(await error.data());
}

/** The error that carries the items that did finish. */
function failed(x: Tensor4D, failures: ReadonlyMap<number, ItemFailure>): SamplingError {
  const [batch, ...rest] = x.shape;
  const items = [...Array(batch).keys()].filter((item) => !failures.has(item));
  const finished = items.map((item) => ({
    item,
    sample: tf.slice(x, [item, 0, 0, 0], [1, ...rest]),
  }));
  return new SamplingError([...failures.values()], finished);
}
