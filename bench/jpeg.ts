/**
 * Restoration of real JPEG files, on crops of photos that no prior was trained on:
 *
 *   npm run bench:jpeg -- --photos folder
 *
 * Each crop is written by sharp, decoded by sharp, and restored from its coefficients by the method of
 * the task. A row is the mean over the crops of the PSNR over RGB against the clean crop; `denoised` is
 * one pass of the prior over the decoded crop, at the noise level that suits the file.
 */
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import sharp from 'sharp';
import {
  type JpegOperator,
  jpeg,
  jpegMeasurement,
  loadDenoiser,
  psnr,
  readJpeg,
  roundingNoise,
  type Subsampling,
  sample,
} from 'spgd';
import { bundledPrior, readImage, useBackend } from 'spgd/node';
import { chooseSettings, jpegTask, samplerNamed, scheduleOf } from 'spgd/tasks';
import { modelSource } from '../src/cli/model-source';
import { byComma } from './arguments';
import { readCrops } from './crops';
import { mean } from './trial';

const program = new Command()
  .requiredOption('--photos <folder>', 'photos to measure on')
  .option('--qualities <list>', 'of the files', '10,20,40')
  .option('--subsampling <list>', 'of the colours', '4:2:0,4:4:4')
  .option('--levels <list>', 'of quality of the restoration', 'balanced')
  .option('--count <n>', 'number of photos, in the order of their names', Number, 16)
  .option('--skip <n>', 'photos to leave out before them', Number, 0)
  .option('--size <pixels>', 'side of the crops, a multiple of 16', Number, 256)
  .option('--set <json>', 'settings in place of those of the task, such as {"steps":3}', '{}')
  .option('--denoised', 'one pass of the prior over the decoded crop as well')
  .option('--model <path>', 'another prior')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .parse();
const options = program.opts();

const { name, reason } = await useBackend(options.backend);
const denoiser = await loadDenoiser(options.model ? modelSource(options.model) : bundledPrior);
const { photos, count, skip, size } = options;
const set = JSON.parse(options.set) as object;
const crops = await readCrops({ photos, count, skip, reduce: 1, size });
console.log(`${crops.length} crops of ${size} px; backend ${name} (${reason})`);

/** A crop as a file. */
async function fileOf(clean: tf.Tensor4D, quality: number, subsampling: Subsampling) {
  const levels = tf.tidy(() => tf.round(tf.mul(tf.add(clean, 1), 127.5)));
  const raw = { width: size, height: size, channels: 3 } as const;
  const image = sharp(Uint8Array.from(await levels.data()), { raw });
  levels.dispose();
  return new Uint8Array(await image.jpeg({ quality, chromaSubsampling: subsampling }).toBuffer());
}

const decibels = (image: tf.Tensor4D, clean: tf.Tensor4D): number =>
  tf.tidy(() => psnr(tf.clipByValue(image, -1, 1), clean).dataSync()[0]!);

/** All crops have the tables of their quality: the singular values are computed once. */
const operators = new Map<string, JpegOperator>();

/** PSNR of one file, decoded and restored, and the largest deviation of a coefficient in steps. */
async function trial(clean: tf.Tensor4D, quality: number, subsampling: Subsampling, level: string) {
  const bytes = await fileOf(clean, quality, subsampling);
  const file = await readJpeg(bytes);
  const key = `${quality} ${subsampling}`;
  const operator = operators.get(key) ?? jpeg(file);
  operators.set(key, operator);
  const measurement = jpegMeasurement(file);
  const decoded = await readImage(bytes);
  const { sampler, settings } = chooseSettings('jpeg', level, denoiser.metadata, set);
  const noise = roundingNoise();
  const started = performance.now();
  const { sample: restored } = await sample(
    samplerNamed(sampler, settings),
    { denoiser, operator, measurement, noise },
    { schedule: scheduleOf(settings, jpegTask.level!(operator)) },
  );
  const seconds = (performance.now() - started) / 1000;
  const row = tf.tidy(() => {
    const error = tf.max(tf.abs(tf.sub(operator.forward(restored), measurement)));
    const denoised = options.denoised
      ? denoiser.denoise(decoded, 0.9 * operator.errorLevel)
      : decoded;
    return {
      before: decibels(decoded, clean),
      denoised: decibels(denoised, clean),
      after: decibels(restored, clean),
      outside: error.dataSync<'float32'>()[0]! / Math.sqrt(12),
      seconds,
    };
  });
  tf.dispose([measurement, decoded, restored]);
  return row;
}

console.log(
  '\n| colours | quality | restored with | decoded | denoised | restored | gain | better on | least gain | steps off | s |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|');
for (const subsampling of byComma(options.subsampling) as Subsampling[])
  for (const quality of byComma(options.qualities).map(Number))
    for (const level of byComma(options.levels)) {
      const rows: Awaited<ReturnType<typeof trial>>[] = [];
      for (const clean of crops) rows.push(await trial(clean, quality, subsampling, level));
      const column = (key: 'before' | 'denoised' | 'after' | 'outside' | 'seconds') =>
        rows.map((row) => row[key]);
      const gains = rows.map(({ before, after }) => after - before);
      const cells = [
        subsampling,
        quality,
        level,
        mean(column('before')).toFixed(2),
        options.denoised ? mean(column('denoised')).toFixed(2) : '–',
        mean(column('after')).toFixed(2),
        mean(gains).toFixed(2),
        `${gains.filter((gain) => gain > 0).length} of ${gains.length}`,
        Math.min(...gains).toFixed(2),
        Math.max(...column('outside')).toFixed(3),
        mean(column('seconds')).toFixed(1),
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
