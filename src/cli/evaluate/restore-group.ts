import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { measure, psnr, SamplingError, type StepInfo, sample } from 'spgd';
import { readImage, writeImage } from 'spgd/node';
import { aligned, noiseOf, samplerNamed, scheduleOf } from 'spgd/tasks';
import { trackAngles } from '../track-angles';
import { sizeOf } from './config';
import { channelsOf, type Evaluation, openTask } from './evaluation';
import { inFolder } from './files';
import { keepMeasurement, slice, type Work } from './group-work';
import { writeRecord } from './item-record';
import { type Group, pathOf, photoId, seedsOf } from './plan';
import type { Photo } from './saved';
import { trajectoryFilm } from './trajectory';

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

/** Notes down a step of every item. */
async function note(work: Work, step: StepInfo): Promise<void> {
  const { items, clean, measurement, task, tracker } = work;
  const { sigma, error, denoised } = step;
  const ratios = tf.tidy(() => psnr(aligned(task, denoised, clean), clean));
  const decibels = await ratios.data();
  ratios.dispose();
  const angles = (await tracker.take()).at(-1)?.likelihood;
  const size = measurement.size / items.length;
  for (const [i, { steps, film }] of items.entries()) {
    const dataError = error && { dataError: Math.sqrt(error[i]! / size) };
    const angle = Number.isFinite(angles?.[i]) && { gradientAngle: angles![i]! };
    steps.push({ sigma, ...dataError, psnr: decibels[i]!, ...angle });
    if (!film) continue;
    const frame = slice(denoised, i);
    await film.add(frame);
    frame.dispose();
  }
}

/** The samples by their place in the batch, and why others are missing. */
async function run(work: Work, signal?: AbortSignal) {
  const { evaluation, group, task, operator, items, measurement } = work;
  const { config } = evaluation;
  const { denoiser } = work.tracker;
  const settings = config.settings[group.task]!;
  const problem = { denoiser, operator, measurement, noise: noiseOf(task) };
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
  const { folder, evaluation, group, items } = work;
  const { photo, id, steps, film } = items[i]!;
  const x = slice(work.clean, i);
  const restored = tf.tidy(() => aligned(work.task, tf.clipByValue(image, -1, 1), x));
  const metrics: Record<string, number> = {};
  for (const { name, measure } of evaluation.metrics)
    [metrics[name] = Number.NaN] = await measure(restored, x);
  const { task, run } = group;
  await writeImage(await inFolder(join(folder, pathOf.sample(task, id, run))), restored);
  await film?.write(join(folder, pathOf.trajectory(task, id, run)));
  tf.dispose([restored, x]);
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
  const measurement = measure(operator, clean, noiseOf(task), { seeds });
  const items = read.map(({ photo }) => ({
    photo,
    id: photoId(photo),
    steps: [],
    ...(config.trajectory ? { film: trajectoryFilm() } : {}),
  }));
  const tracker = trackAngles(evaluation.denoiser);
  const of = { folder, evaluation, group, task, operator };
  const work: Work = { ...of, items, clean, measurement, tracker };
  try {
    if (group.run === 0) await keepMeasurement(work);
    const started = performance.now();
    const { samples, failures } = await run(work, signal);
    const seconds = (performance.now() - started) / 1000 / items.length;
    for (const [i, image] of samples) await finish(work, i, image, seconds);
    for (const [i, diverged] of failures) await writeRecord(work, items[i]!.photo, { diverged });
  } finally {
    tracker.dispose();
    tf.dispose([clean, measurement]);
  }
}
