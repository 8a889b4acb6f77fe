import * as tf from '@tensorflow/tfjs';
import { type LoadedDenoiser, measure, psnr, sample } from 'spgd';
import { readImage, writeImage } from 'spgd/node';
import { aligned, chooseSettings, noiseOf, samplerNamed, scheduleOf, tasks } from 'spgd/tasks';
import { comparison } from '../../src/cli/comparison';
import { photoPath } from '../../src/cli/photo';
import { type Figures, quality, type Row } from './rows';

const seed = 0;

const decibels = (image: tf.Tensor4D, clean: tf.Tensor4D): number =>
  tf.tidy(() => psnr(image, clean)).dataSync()[0]!;

/** As large as the clean photo, each pixel a square. */
const enlarged = (image: tf.Tensor4D, [, height, width]: tf.Tensor4D['shape']): tf.Tensor4D =>
  tf.image.resizeNearestNeighbor(image, [height, width]);

/** Measurement above restoration. */
const pair = (measured: tf.Tensor4D, restored: tf.Tensor4D): tf.Tensor4D =>
  tf.tidy(() =>
    tf.concat(
      [
        measured,
        tf.pad(
          restored,
          [
            [0, 0],
            [4, 0],
            [0, 0],
            [0, 0],
          ],
          1,
        ),
      ],
      1,
    ),
  );

/** Degrades and restores the photo of a row; writes its picture and its part of the strip. */
export async function makeRow(
  denoiser: LoadedDenoiser,
  { task: name, photo }: Row,
  { size, picture, strip }: { size: number; picture: string; strip: string },
): Promise<Figures> {
  const task = tasks[name]!;
  const { noiseStd, baseline, operator: make, picture: shownAs } = task;
  const clean = await readImage(photoPath(photo), { size: [size, size] });
  const operator = make({ height: size, width: size }, { seed });
  const noise = noiseOf(task);
  const measurement = measure(operator, clean, noise, { seed });
  const basic = await baseline.restore({ operator, measurement, noiseStd, seed });
  const simple = aligned(task, basic, clean);
  const { sampler, settings } = chooseSettings(name, quality, denoiser.metadata);
  const { sample: drawn } = await sample(
    samplerNamed(sampler, settings),
    { denoiser, operator, measurement, noise },
    { schedule: scheduleOf(settings), seed },
  );
  const restored = tf.tidy(() => aligned(task, tf.clipByValue(drawn, -1, 1), clean));
  const shown = shownAs?.(measurement, operator) ?? measurement;
  const comparable = !shownAs && `${shown.shape}` === `${clean.shape}`;
  const figures = {
    measurement: comparable ? decibels(shown, clean) : null,
    baseline: decibels(simple, clean),
    restored: decibels(restored, clean),
  };
  const said = (value: number | null) => (value === null ? '' : `PSNR ${value.toFixed(2)} dB`);
  const measured = enlarged(shown, clean.shape);
  const all = await comparison([
    { title: 'clean', detail: `${size} x ${size}`, image: clean },
    { title: 'measurement', detail: said(figures.measurement), image: measured },
    { title: baseline.name, detail: said(figures.baseline), image: simple },
    { title: quality, detail: said(figures.restored), image: restored },
  ]);
  const part = pair(measured, restored);
  await writeImage(picture, all, { quality: 85 });
  await writeImage(strip, part);
  tf.dispose([clean, measurement, basic, simple, drawn, restored, shown, measured, all, part]);
  return { size, baseline: baseline.name, noiseStd, psnr: figures };
}
