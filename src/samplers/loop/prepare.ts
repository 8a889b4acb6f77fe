import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import { itemSeeds } from '../../internal/random';
import { checkImage } from '../../operators/check-image';
import { gaussianNoise } from '../../operators/noise/gaussian-noise';
import { checkSchedule } from '../../schedulers/check-schedule';
import type { InverseProblem, RunContext, Sampler, SamplerState } from '../sampler';
import { checkNeeds } from './check-needs';
import { checkProblem } from './check-problem';
import { checkSigmaRange } from './check-sigma-range';
import type { ProblemOptions, RunOptions } from './run';
import { runContext } from './run-context';

/** A run that has been checked, as far as that needs no values. */
export interface PreparedRun<P extends InverseProblem> {
  /** The problem as samplers see it; its measurement is the run's own, to be disposed. */
  readonly posed: P;
  readonly run: RunContext & { startStep(index: number): void };
  /** The first step to take. */
  readonly first: number;
}

/** Checks options and shapes, so that no step fails because of them. */
export function prepare<S extends SamplerState, P extends InverseProblem>(
  sampler: Sampler<S, P>,
  problem: ProblemOptions<P>,
  { schedule, start, imageShape, resume, signal, seed, seeds, ...unknown }: RunOptions<S>,
): PreparedRun<P> {
  const owner = sampler.name;
  signal?.throwIfAborted();
  const [name] = Object.keys(unknown);
  checkRange(name === undefined, owner, 'options', 'known ones', name);
  checkSchedule(owner, schedule);
  const whole = { ...problem, noise: problem.noise ?? gaussianNoise(0) } as unknown as P;
  const shape = checkProblem(owner, whole, imageShape);
  checkNeeds(sampler as unknown as Sampler, problem);
  checkSigmaRange(owner, problem.denoiser, schedule);
  const items = itemSeeds(owner, shape[0], { seed, seeds });
  const first = resume?.index ?? 0;
  const total = schedule.length - 1;
  const inRange = Number.isInteger(first) && first >= 0 && first < total;
  checkRange(inRange, owner, 'resume.index', `an integer from 0 to ${total - 1}`, first);
  for (const [option, x] of Object.entries({ start, 'resume.state.x': resume?.state.x })) {
    if (!x) continue;
    checkImage(owner, option, x);
    checkRange(`${x.shape}` === `${shape}`, owner, option, `of the shape [${shape}]`, x.shape);
  }
  const run = runContext({
    shape,
    schedule,
    seeds: items,
    ...(start ? { start } : {}),
    ...(signal ? { signal } : {}),
  });
  const { operator, measurement } = whole;
  const posed = {
    ...whole,
    measurement: operator.observed?.(measurement) ?? tf.clone(measurement),
  };
  return { posed, run, first };
}
