import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { readImage, writeImage } from 'spgd/node';
import { comparison, type Panel } from '../comparison';
import { exists, inFolder } from './files';
import { pathOf } from './plan';
import type { Summary } from './summary';
import { show } from './tables';

/** Rows of a grid, and pictures of a task in the report. */
export const mostShown = 16;

/** The photos of a task with a sample, in their order. */
export const photosOf = (summary: Summary, task: string): string[] =>
  Object.keys(summary.tasks[task]?.psnr?.photos ?? {}).sort();

/** Where the standard deviation over samples is white: 0.5 on the [-1, 1] scale. */
const whiteDeviation = 0.5;

/** Mean and standard deviation over the samples of a photo. */
function moments(samples: Tensor4D[]): { mean: Tensor4D; deviation: Tensor4D } {
  return tf.tidy(() => {
    const all = tf.concat(samples);
    const mean = tf.mean(all, 0, true) as Tensor4D;
    const squares = tf.sum(tf.square(tf.sub(all, mean)), 0, true);
    const std = tf.mean(tf.sqrt(tf.div(squares, samples.length - 1)), 3, true);
    const deviation = tf.sub(tf.mul(std, 2 / whiteDeviation), 1) as Tensor4D;
    return { mean, deviation };
  });
}

/** Writes the mean of a photo's samples, and how much they differ at each pixel. */
async function writeMoments(folder: string, task: string, photo: string, count: number) {
  const samples: Tensor4D[] = [];
  for (let run = 0; run < count; run++) {
    const path = join(folder, pathOf.sample(task, photo, run));
    if (await exists(path)) samples.push(await readImage(path));
  }
  if (samples.length > 1) {
    const { mean, deviation } = moments(samples);
    await writeImage(await inFolder(join(folder, pathOf.mean(task, photo))), mean);
    await writeImage(await inFolder(join(folder, pathOf.deviation(task, photo))), deviation);
    tf.dispose([mean, deviation]);
  }
  tf.dispose(samples);
}

/** The pictures of a photo side by side. */
async function gridRow(folder: string, summary: Summary, task: string, photo: string) {
  const spread = summary.tasks[task]!.psnr!.photos[photo]!;
  const mean = summary.samples > 1 ? ` (mean of ${spread.sample.length} samples)` : '';
  const files = [
    ['clean', photo, pathOf.photo(photo)],
    ['measurement', task, pathOf.picture(task, photo)],
    ['sample', `PSNR ${show(spread.mean)} dB${mean}`, pathOf.sample(task, photo, 0)],
    ['mean over samples', '', pathOf.mean(task, photo)],
    ['std over samples', `white: ${whiteDeviation} or more`, pathOf.deviation(task, photo)],
  ] as const;
  const panels: Panel[] = [];
  for (const [title, detail, path] of files)
    if (await exists(join(folder, path)))
      panels.push({ title, detail, image: await readImage(join(folder, path)) });
  const picture = await comparison(panels);
  tf.dispose(panels.map(({ image }) => image));
  return picture;
}

/** Rows of one width; those with fewer panels end in white. */
function stack(rows: readonly Tensor4D[]): Tensor4D {
  const width = Math.max(...rows.map(({ shape }) => shape[2]));
  const margin = (row: Tensor4D): [number, number][] => [
    [0, 0],
    [0, 0],
    [0, width - row.shape[2]],
    [0, 0],
  ];
  return tf.tidy(() =>
    tf.concat(
      rows.map((row) => tf.pad(row, margin(row), 1)),
      1,
    ),
  );
}

/** Writes the mean and std maps, and a grid of each task. */
export async function writePictures(folder: string, summary: Summary): Promise<void> {
  for (const task of Object.keys(summary.tasks)) {
    const photos = photosOf(summary, task);
    if (summary.samples > 1)
      for (const photo of photos) await writeMoments(folder, task, photo, summary.samples);
    const rows: Tensor4D[] = [];
    for (const photo of photos.slice(0, mostShown))
      rows.push(await gridRow(folder, summary, task, photo));
    if (rows.length === 0) continue;
    const grid = stack(rows);
    await writeImage(join(folder, pathOf.grid(task)), grid);
    tf.dispose([grid, rows]);
  }
}
