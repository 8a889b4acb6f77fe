import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { InverseProblem, Sampler, SamplerState } from '../sampler';
import type { ProblemOptions } from './run';
import { type SampleOptions, sample } from './sample';
import { SamplingError } from './sampling-error';

/** One sample of a group, `[1, height, width, channels]`, or the step at which it diverged. */
export type Drawn =
  | { readonly sample: Tensor4D; readonly step?: never }
  | { readonly sample?: never; readonly step: number };

/** Samples of one measurement with these seeds, as one batch; those that diverge have no image. */
export async function drawGroup<S extends SamplerState, P extends InverseProblem>(
  sampler: Sampler<S, P>,
  problem: ProblemOptions<NoInfer<P>>,
  seeds: readonly number[],
  options: Omit<SampleOptions<S>, 'samples' | 'seeds' | 'resume'>,
): Promise<Drawn[]> {
  try {
    const run = { ...options, seeds, samples: seeds.length };
    const { sample: images } = await sample(sampler, problem, run);
    const items = tf.split(images, seeds.length) as Tensor4D[];
    images.dispose();
    return items.map((image) => ({ sample: image }));
  } catch (error) {
    if (!(error instanceof SamplingError)) throw error;
    const drawn = new Map<number, Drawn>();
    for (const { item, step } of error.failures) drawn.set(item, { step });
    for (const { item, sample } of error.finished) drawn.set(item, { sample });
    return seeds.map((_, item) => drawn.get(item)!);
  }
}
