import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type ForwardOperator, gaussianNoise, measure, psnr, SamplingError, sample } from 'spgd';
import { readImage, writeImage, writeTensors } from 'spgd/node';
import { samplerNamed, scheduleOf } from '../samplers';
import type { Task } from '../tasks';
import { sizeOf } from './config';
import { channelsOf, type Evaluation, openTask } from './evaluation';
import { exists, inFolder, writeJson } from './files';
import type { Photo } from './photos';
import { type Group, pathOf, photoId, seedsOf } from './plan';
import { type Film, trajectoryFilm } from './trajectory';

/** What is known of an item after a step. */
export interface StepRecord {
  readonly sigma: number;
  /** Root mean square of `A(denoised) - y`. */
  readonly dataError?: number;
  /** PSNR of the estimate of the clean image. */
  readonly psnr: number;
}

/** What is known of an item that was done: a photo, degraded by a task, restored in a run. */
export interface ItemRecord {
  readonly photo: string;
  readonly index: number;
  readonly task: string;
  readonly run: number;
  readonly seeds: ReturnType<typeof seedsOf>;
  /** Why the photo could not be read. */
  readonly unreadable?: string;
  /** How the run diverged, and what to change. */
  readonly diverged?: string;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly steps?: readonly StepRecord[];
  /** Wall-clock time of the batch, by the items in it: the one value that is never the same twice. */
  readonly seconds?: number;
}

/** An item on its way. */
interface Item {
  readonly photo: Photo;
  readonly id: string;
  readonly steps: StepRecord[];
  readonly film?: Film;
}

const slice = (batch: Tensor4D, item: number): Tensor4D =>
  tf.slice(batch, [item, 0, 0, 0], [1, -1, -1, -1]);

/** A group at work. */
interface Work {
  readonly folder: string;
  readonly evaluation: Evaluation;
  readonly group: Group;
  readonly task: Task;
  readonly operator: ForwardOperator;
  readonly items: readonly Item[];
  readonly clean: Tensor4D;
  readonly measurement: Tensor4D;
}

/** Where an item of a group goes. */
type Place = Pick<Work, 'folder' | 'evaluation' | 'group'>;

const recordPath = (folder: string, { task, run }: Group, photo: Photo): string =>
  join(folder, pathOf.record(task, photoId(photo), run));

/** Writes the record of an item, which says that it is done. */
function writeRecord(
  { folder, evaluation, group }: Place,
  photo: Photo,
  outcome: Partial<ItemRecord>,
): Promise<void> {
  const { task, run } = group;
  const { name, index } = photo;
  const seeds = seedsOf(evaluation.config.seed, index, run);
  const record: ItemRecord = { photo: name, index, task, run, seeds, ...outcome };
  return writeJson(recordPath(folder, group, photo), record);
}

/** Whether all items of a group are done. */
export async function isDone(folder: string, group: Group): Promise<boolean> {
  for (const photo of group.photos)
    if (!(await exists(recordPath(folder, group, photo)))) return false;
  return true;
}

/** Reads the photos of a group; of those that cannot be read, the record says why. */
async function readPhotos(folder: string, evaluation: Evaluation, group: Group) {
  const { config } = evaluation;
  const { height, width } = sizeOf(config);
  const grayscale = channelsOf(evaluation) === 1;
  const read: { photo: Photo; image: Tensor4D }[] = [];
  for (const photo of group.photos) {
    try {
      const path = join(config.photos, photo.name);
      const image = await readImage(path, { size: [height, width], grayscale });
      read.push({ photo, image });
    } catch (problem) {
      const { name, message: unreadable } = problem as Error;
      if (name !== 'InputError') throw problem;
      await writeRecord({ folder, evaluation, group }, photo, { unreadable });
    }
  }
  return read;
}

/** Keeps what the measurement was made of and came to, so that a run can be repeated from there. */
async function keepMeasurement(work: Work): Promise<void> {
  const { folder, evaluation, group, task, items, clean, measurement } = work;
  const { config } = evaluation;
  const drawn = task.drawn?.(sizeOf(config), config.seed) ?? {};
  const shown = task.picture?.(measurement) ?? measurement;
  for (const [i, { photo, id }] of items.entries()) {
    const [x, y, picture] = [clean, measurement, shown].map((batch) => slice(batch, i)) as [
      Tensor4D,
      Tensor4D,
      Tensor4D,
    ];
    await writeImage(await inFolder(join(folder, pathOf.photo(id))), x);
    await writeImage(await inFolder(join(folder, pathOf.picture(group.task, id))), picture);
    await writeTensors(
      join(folder, pathOf.measurement(group.task, id)),
      { clean: x, measurement: y, ...drawn },
      {
        photo: photo.name,
        task: group.task,
        noise_std: String(task.noiseStd),
        seeds: JSON.stringify(seedsOf(config.seed, photo.index, 0)),
      },
    );
    tf.dispose([x, y, picture]);
  }
  tf.dispose([drawn, shown === measurement ? [] : shown]);
}

/** Notes down a step of every item. */
async function note(
  { items, clean, measurement }: Work,
  { sigma, error, denoised }: { sigma: number; error?: readonly number[]; denoised: Tensor4D },
): Promise<void> {
  const ratios = psnr(denoised, clean);
  const decibels = await ratios.data();
  ratios.dispose();
  const size = measurement.size / items.length;
  for (const [i, { steps, film }] of items.entries()) {
    const dataError = error && { dataError: Math.sqrt(error[i]! / size) };
    steps.push({ sigma, ...dataError, psnr: decibels[i]! });
    if (!film) continue;
    const frame = slice(denoised, i);
    await film.add(frame);
    frame.dispose();
  }
}

/** The samples by their place in the batch, and why others are missing. */
async function run(work: Work, signal?: AbortSignal) {
  const { evaluation, group, task, operator, items, measurement } = work;
  const { config, denoiser } = evaluation;
  const settings = config.settings[group.task]!;
  const problem = { denoiser, operator, measurement, noise: gaussianNoise(task.noiseStd) };
  const seeds = items.map(({ photo }) => seedsOf(config.seed, photo.index, group.run).sample);
  try {
    const { sample: batch } = await sample(samplerNamed(config.sampler, settings), problem, {
      schedule: scheduleOf(settings),
      seeds,
      ...(signal ? { signal } : {}),
      onStep: (step) => note(work, step),
    });
    const samples = new Map(items.map((_, i) => [i, slice(batch, i)]));
    batch.dispose();
    return { samples, failures: new Map<number, string>() };
  } catch (error) {
    if (!(error instanceof SamplingError)) throw error;
    const advice = error.failures.map(({ item, step, advice }) => [
      item,
      `became NaN or infinite at step ${step}: ${advice}`,
    ]);
    return {
      samples: new Map(error.finished.map(({ item, sample }) => [item, sample])),
      failures: new Map(advice as [number, string][]),
    };
  }
}

/** Rates a sample and writes it; its record comes last, since it says that the item is done. */
async function finish(work: Work, i: number, image: Tensor4D, seconds: number): Promise<void> {
  const { folder, evaluation, group, items, clean } = work;
  const { photo, id, steps, film } = items[i]!;
  const [clipped, x] = [tf.clipByValue(image, -1, 1), slice(clean, i)];
  const metrics: Record<string, number> = {};
  for (const { name, measure } of evaluation.metrics)
    [metrics[name] = Number.NaN] = await measure(clipped, x);
  const { task, run } = group;
  await writeImage(await inFolder(join(folder, pathOf.sample(task, id, run))), clipped);
  await film?.write(join(folder, pathOf.trajectory(task, id, run)));
  tf.dispose([clipped, x]);
  image.dispose();
  await writeRecord(work, photo, { metrics, steps, seconds });
}

/** Restores one group, and writes all that its items leave into `folder`. */
export async function restoreGroup(
  folder: string,
  evaluation: Evaluation,
  group: Group,
  signal?: AbortSignal,
): Promise<void> {
  const read = await readPhotos(folder, evaluation, group);
  if (read.length === 0) return;
  const { config } = evaluation;
  const { task, operator } = openTask(evaluation, group.task);
  const clean = tf.concat(read.map(({ image }) => image));
  tf.dispose(read.map(({ image }) => image));
  const seeds = read.map(({ photo }) => seedsOf(config.seed, photo.index, 0).measurement);
  const measurement = measure(operator, clean, gaussianNoise(task.noiseStd), { seeds });
  const items = read.map(({ photo }) => ({
    photo,
    id: photoId(photo),
    steps: [],
    ...(config.trajectory ? { film: trajectoryFilm() } : {}),
  }));
  const work = { folder, evaluation, group, task, operator, items, clean, measurement };
  try {
    if (group.run === 0) await keepMeasurement(work);
    const started = performance.now();
    const { samples, failures } = await run(work, signal);
    const seconds = (performance.now() - started) / 1000 / items.length;
    for (const [i, image] of samples) await finish(work, i, image, seconds);
    for (const [i, diverged] of failures) await writeRecord(work, items[i]!.photo, { diverged });
  } finally {
    tf.dispose([clean, measurement]);
  }
}
