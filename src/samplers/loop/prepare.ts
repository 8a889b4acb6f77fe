import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkRange } from '../../internal/check';
import { itemSeeds } from '../../internal/random';
import { checkImage } from '../../operators/check-image';
import { gaussianNoise } from '../../operators/noise/gaussian-noise';
import type { Shape4D } from '../../operators/operator';
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
  { schedule, start, imageShape, resume, signal, seed, seeds, samples, ...unknown }: RunOptions<S>,
): PreparedRun<P> {
  const owner = sampler.name;
  signal?.throwIfAborted();
  const [name] = Object.keys(unknown);
  checkRange(name === undefined, owner, 'options', 'known ones', name);
  checkSchedule(owner, schedule);
  const whole = { ...problem, noise: problem.noise ?? gaussianNoise(0) } as unknown as P;
  const shape = repeatedShape(owner, checkProblem(owner, whole, imageShape), samples);
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
  const observed = tf.tidy(() => {
    const y = operator.observed?.(measurement) ?? tf.clone(measurement);
    return samples === undefined ? y : tf.tile<tf.Tensor4D>(y, [samples, 1, 1, 1]);
  });
  return { posed: { ...whole, measurement: observed }, run, first };
}

/** The shape of x where one measurement is restored `samples` times. */
function repeatedShape(owner: string, shape: Shape4D, samples: number | undefined): Shape4D {
  if (samples === undefined) return shape;
  checkInteger(owner, 'samples', samples, 1);
  const [batch, ...rest] = shape;
  checkRange(batch === 1, owner, 'measurement.shape[0]', '1 where samples is given', batch);
  return [samples, ...rest];
}
