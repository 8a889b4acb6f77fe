import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  type ForwardOperator,
  measure,
  psnr,
  SamplingError,
  sample,
  ssim,
} from 'spgd';
import { aligned, noiseOf, type Settings, samplerNamed, scheduleOf, type Task } from 'spgd/tasks';

/** Mean of a list; NaN of none. */
export const mean = (values: readonly number[]) =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** One batch of crops, degraded. */
export interface Group {
  readonly clean: Tensor4D;
  readonly operator: ForwardOperator;
  readonly measurement: Tensor4D;
  readonly seed: number;
}

/** Degrades crops, `batch` at a time; crop k has the seed `seed + k`. */
export function degrade(
  task: Task,
  crops: readonly Tensor4D[],
  { batch, seed }: { batch: number; seed: number },
): Group[] {
  const groups: Group[] = [];
  for (let first = 0; first < crops.length; first += batch) {
    const clean = tf.concat(crops.slice(first, first + batch));
    const [, height, width] = clean.shape;
    const operator = task.operator({ height, width }, { seed });
    const noise = noiseOf(task);
    const measurement = measure(operator, clean, noise, { seed: seed + first });
    groups.push({ clean, operator, measurement, seed: seed + first });
  }
  return groups;
}

/** What came out: one number a crop, and what it cost. */
export interface Outcome {
  readonly psnr: number[];
  readonly ssim: number[];
  failures: number;
  seconds: number;
}

/** PSNR and SSIM of a batch; nothing where the two cannot be compared. */
function rate(outcome: Outcome, images: Tensor4D, clean: Tensor4D, task: Task): void {
  if (`${images.shape}` !== `${clean.shape}`) return;
  const restored = aligned(task, images, clean);
  const values = (metric: typeof psnr) => tf.tidy(() => metric(restored, clean)).dataSync();
  outcome.psnr.push(...values(psnr));
  outcome.ssim.push(...values(ssim));
  restored.dispose();
}

const nothing = (): Outcome => ({ psnr: [], ssim: [], failures: 0, seconds: 0 });

/** What a run is chosen by: its mean PSNR, and nothing where a crop diverged. */
export const levelOf = ({ psnr, failures }: Outcome): number =>
  failures > 0 ? -Infinity : mean(psnr);

/** The measurements as they are. */
export function rateMeasurements(task: Task, groups: readonly Group[]): Outcome {
  const outcome = nothing();
  for (const { measurement, clean } of groups) rate(outcome, measurement, clean, task);
  return outcome;
}

/** The simple baseline of a task, or another way to restore that takes one image. */
export async function runBaseline(
  task: Task,
  groups: readonly Group[],
  restoreOne: Task['baseline']['restore'] = task.baseline.restore,
): Promise<Outcome> {
  const outcome = nothing();
  const { noiseStd } = task;
  for (const { clean, measurement, operator, seed } of groups) {
    const items = tf.split(clean, clean.shape[0]) as Tensor4D[];
    for (const [i, one] of (tf.split(measurement, items.length) as Tensor4D[]).entries()) {
      const problem = { operator, measurement: one, noiseStd, seed: seed + i };
      const started = performance.now();
      const restored = await restoreOne(problem);
      await restored.data();
      outcome.seconds += (performance.now() - started) / 1000;
      rate(outcome, restored, items[i]!, task);
      tf.dispose([restored, one, items[i]!]);
    }
  }
  return outcome;
}

/** A sampler with these settings; crops that diverge are counted, not rated. */
export async function runSampler(
  denoiser: Denoiser,
  task: Task,
  { sampler, settings }: { sampler: string; settings: Settings },
  groups: readonly Group[],
): Promise<Outcome> {
  const outcome = nothing();
  for (const { clean, operator, measurement, seed } of groups) {
    const problem = { denoiser, operator, measurement, noise: noiseOf(task) };
    const started = performance.now();
    try {
      const run = { schedule: scheduleOf(settings), seed };
      const { sample: images } = await sample(samplerNamed(sampler, settings), problem, run);
      await images.data();
      outcome.seconds += (performance.now() - started) / 1000;
      rate(outcome, images, clean, task);
      images.dispose();
    } catch (error) {
      if (!(error instanceof SamplingError)) throw error;
      outcome.failures += error.failures.length;
      for (const { item, sample: image } of error.finished) {
        rate(outcome, image, tf.slice(clean, [item, 0, 0, 0], [1, -1, -1, -1]), task);
        image.dispose();
      }
    }
  }
  return outcome;
}
