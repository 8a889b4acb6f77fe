import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkRange } from '../../internal/check';
import { momentsStd } from '../../internal/moments';
import { pixelQuantiles } from '../../internal/quantiles';
import { itemSeeds } from '../../internal/random';
import type { Shape4D } from '../../operators/operator';
import type { InverseProblem, Sampler, SamplerState } from '../sampler';
import { consistency, consistencyOf } from './consistency';
import { type Drawn, drawGroup } from './draw-group';
import type { PosteriorOptions, PosteriorResult, PosteriorState } from './posterior-options';
import { addFailure, addSample, emptyState } from './posterior-state';
import type { ProblemOptions } from './run';
import { type ItemFailure, SamplingError } from './sampling-error';
import { cloneTree, disposeTree } from './state-tree';

const owner = 'posterior';

/** Pixels that the samples of a group have together, where nothing else is asked for. */
const pixelsAtOnce = 2 ** 16;

/**
 * Draws samples from the posterior of one measurement, `[1, height, width, channels]`: their mean, the
 * estimate of higher PSNR, and their standard deviation, which shows what the measurement leaves open.
 *
 * Both are running sums: memory does not grow with `samples`, unless all are kept. The spread of most
 * samplers is too small or too large; `calibrate` finds by how much. A sample that diverges is left out
 * and listed in `failures`.
 *
 * When `signal` aborts, the result holds the samples so far, and `count` says how many; with fewer
 * than two it rejects with AbortError.
 *
 * @throws RangeError or TypeError before the first step, for options that do not fit and for a sampler
 * that gives one estimate, such as `mmse`; AbortError; SamplingError if fewer than two samples finish.
 */
export async function posterior<S extends SamplerState, P extends InverseProblem = InverseProblem>(
  sampler: Sampler<S, P>,
  problem: ProblemOptions<NoInfer<P>>,
  options: PosteriorOptions,
): Promise<PosteriorResult> {
  const { samples = 8, batch, seed, seeds, keep = 'none', quantiles = [], ...others } = options;
  const { resume, onSample, onStep, ...run } = others;
  checkOptions(sampler, options);
  const posed = problem as unknown as ProblemOptions;
  const shape = shapeOf(posed, options);
  const all = itemSeeds(owner, samples, { seed, seeds });
  const size = batch ?? Math.max(1, Math.floor(pixelsAtOnce / (shape[1] * shape[2])));
  const done = resume?.index ?? 0;
  let state = resume ? cloneTree(resume.state) : emptyState(shape);

  const move = (next: PosteriorState): void => {
    disposeTree(state);
    state = next;
  };
  const accept = async ({ sample, step }: Drawn, index: number): Promise<void> => {
    if (!sample) return move(addFailure(state, index, step));
    const [fit] = await consistency(posed, sample);
    move(addSample(state, sample, fit!, keep));
    await onSample?.({ index, total: samples, sample, mean: state.x, consistency: fit!, state });
  };

  try {
    // A group is drawn as a whole, so that a resumed run splits its samples as the first did.
    for (let first = done - (done % size); first < samples; first += size) {
      const group = await drawGroup(sampler, problem, all.slice(first, first + size), {
        ...run,
        onStep: (info) => onStep?.({ ...info, group: first / size } as never),
      });
      try {
        for (const [place, drawn] of group.entries())
          if (first + place >= done) await accept(drawn, first + place);
      } finally {
        tf.dispose(group.flatMap(({ sample }) => sample ?? []));
      }
    }
    return finish(sampler, state, quantiles);
  } catch (error) {
    const isStopped = run.signal?.aborted && (error as Error).name === 'AbortError';
    if (isStopped && state.count > 1) return finish(sampler, state, quantiles);
    throw error;
  } finally {
    disposeTree(state);
  }
}

function checkOptions<S extends SamplerState, P extends InverseProblem>(
  { name, isEstimate }: Sampler<S, P>,
  { samples = 8, batch = 1, keep = 'none', quantiles = [], resume }: PosteriorOptions,
): void {
  checkRange(isEstimate !== true, owner, 'sampler', 'one that draws samples', name);
  checkInteger(owner, 'samples', samples, 2);
  checkInteger(owner, 'batch', batch, 1);
  const kinds = ['none', 'nearest', 'all'];
  checkRange(kinds.includes(keep), owner, 'keep', `one of ${kinds.join(', ')}`, keep);
  const inRange = quantiles.every((one) => one >= 0 && one <= 1);
  checkRange(inRange, owner, 'quantiles', 'in [0, 1]', quantiles);
  const hasAll = quantiles.length === 0 || keep === 'all';
  checkRange(hasAll, owner, 'keep', 'all where quantiles are given', keep);
  const { index = 0 } = resume ?? {};
  const fits = Number.isInteger(index) && index >= 0 && index <= samples;
  checkRange(fits, owner, 'resume.index', `an integer from 0 to ${samples}`, index);
}

function shapeOf(
  { operator, measurement: { shape } }: ProblemOptions,
  { imageShape, resume }: PosteriorOptions,
): Shape4D {
  const own: Shape4D = imageShape ? [1, ...imageShape] : (operator.imageShape?.(shape) ?? shape);
  checkRange(own[0] === 1, owner, 'measurement.shape[0]', '1', own[0]);
  const saved = resume?.state.x.shape ?? own;
  checkRange(`${saved}` === `${own}`, owner, 'resume.state.x', `of the shape [${own}]`, saved);
  return own;
}

/** The result of a state, which is still to be disposed. */
function finish<S extends SamplerState, P extends InverseProblem>(
  { remedy = 'check the measurement and the schedule' }: Sampler<S, P>,
  { x, squares, count, fit, kept, nearest, failed }: PosteriorState,
  quantiles: readonly number[],
): PosteriorResult {
  const failures: ItemFailure[] = failed.map(([item, step]) => ({
    item: item!,
    step: step!,
    advice: remedy,
  }));
  if (count < 2) throw new SamplingError(failures, []);
  const [values, residual, deviance] = fit as [number, number, number];
  const images = nearest[0]?.images ?? kept;
  const samples = images.length > 0 ? tf.concat(images as Tensor4D[]) : undefined;
  return {
    count,
    mean: tf.clone(x),
    std: momentsStd({ count, squares }),
    ...(samples && { samples }),
    ...(samples && quantiles.length > 0 && { quantiles: pixelQuantiles(samples, quantiles) }),
    consistency: consistencyOf(values, residual, deviance || undefined),
    failures,
  };
}
