/**
 * Restoration against simple baselines, on crops of photos that no prior was trained on:
 *
 *   npm run bench:restore -- --photos folder
 *
 * Each photo is reduced by `--reduce`, its centre is cropped to `--size`, degraded by each task of
 * the demo, restored by the task's baseline and by SPGD with the bundled prior. Prints mean PSNR.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import {
  edmSchedule,
  gaussianNoise,
  loadDenoiser,
  measure,
  psnr,
  type SpgdOptions,
  spgdSample,
} from 'spgd';
import { bundledPrior, readImage, useBackend } from 'spgd/node';
import { modelSource } from '../src/node/cli/model-source';
import { tasks } from '../src/node/cli/tasks';

const program = new Command()
  .requiredOption('--photos <folder>', 'photos to measure on')
  .option('--tasks <names>', 'tasks of the demo, by comma', Object.keys(tasks).join(','))
  .option('--count <n>', 'number of photos, in the order of their names', Number, 16)
  .option('--reduce <n>', 'how much each photo is reduced first', Number, 3)
  .option('--size <pixels>', 'side of the crops', Number, 64)
  .option('--batch <n>', 'crops restored at once', Number, 1)
  .option('--steps <n>', 'diffusion steps', Number)
  .option('--warmup-steps <n>', 'gradients before each step', Number)
  .option('--learning-rate <x>', 'size of a gradient step', Number)
  .option('--sigma-max <x>', 'first noise level', Number)
  .option('--sigma-min <x>', 'last noise level above 0', Number)
  .option('--momentum <b>', 'weight of the directional momentum', Number)
  .option('--similarity <how>', 'pixel or image')
  .option('--denoise-at <where>', 'latest or previous')
  .option('--decay <d>', 'share of the learning rate gone by the last step', Number)
  .option('--seed <n>', 'seed of the first crop', Number, 0)
  .option('--model <path>', 'another prior')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .option('--each', 'print every crop')
  .parse();
const options = program.opts();

/** The centre of a photo after it was reduced: `[1, size, size, 3]`. */
async function crop(path: string): Promise<tf.Tensor4D> {
  const whole = await readImage(path);
  const [height, width] = whole.shape.slice(1, 3).map((side) => Math.floor(side / options.reduce));
  whole.dispose();
  const small = await readImage(path, { size: [height!, width!] });
  const top = (height! - options.size) >> 1;
  const left = (width! - options.size) >> 1;
  return tf.tidy(() => tf.slice(small, [0, top, left, 0], [1, options.size, options.size, 3]));
}

const given = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const decibels = (image: tf.Tensor4D, clean: tf.Tensor4D): number[] => {
  const same = `${image.shape}` === `${clean.shape}`;
  return same ? [...tf.tidy(() => psnr(image, clean)).dataSync()] : [];
};

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const show = (values: readonly number[]) =>
  values.length > 0 ? mean(values).toFixed(2).padStart(6) : '     -';

const { name, reason } = await useBackend(options.backend);
console.log(`backend ${name} (${reason})`);
const denoiser = await loadDenoiser(options.model ? modelSource(options.model) : bundledPrior);
const files = (await readdir(options.photos)).filter((file) => /\.(png|jpe?g|webp)$/i.test(file));
const crops: tf.Tensor4D[] = [];
for (const file of files.sort().slice(0, options.count)) {
  crops.push(await crop(join(options.photos, file)));
}
console.log(`${crops.length} crops of ${options.size} px; PSNR in dB, mean over the crops`);
console.log('task               measured  baseline  restored  wins  gradients  seconds/crop');

for (const task of options.tasks.split(',')) {
  const { operator: make, noiseStd, baseline, ...preset } = tasks[task]!;
  const settings = { ...preset, ...given(options) } as typeof preset;
  const measured: number[] = [];
  const simple: number[] = [];
  const restored: number[] = [];
  let spent = 0;
  for (let first = 0; first < crops.length; first += options.batch) {
    const group = crops.slice(first, first + options.batch);
    const seed = options.seed + first;
    const operator = make(options.size, options.seed);
    const clean = tf.concat(group);
    const measurement = measure(operator, clean, gaussianNoise(noiseStd), { seed });
    measured.push(...decibels(measurement, clean));
    const singles = tf.split(measurement, group.length) as tf.Tensor4D[];
    for (const [i, one] of singles.entries()) {
      const problem = { operator, measurement: one, noiseStd, seed: seed + i };
      simple.push(...decibels(await baseline.restore(problem), group[i]!));
    }
    const before = performance.now();
    const { sample } = await spgdSample({
      denoiser,
      operator,
      measurement,
      noise: gaussianNoise(noiseStd),
      schedule: edmSchedule({
        steps: settings.steps,
        sigmaMax: settings.sigmaMax,
        ...given({ sigmaMin: options.sigmaMin }),
      }),
      warmupSteps: settings.warmupSteps,
      learningRate: settings.learningRate,
      decay: settings.decay,
      momentum: settings.momentum,
      seed,
      ...(given({
        similarity: options.similarity,
        denoiseAt: options.denoiseAt,
      }) as Partial<SpgdOptions>),
    });
    spent += performance.now() - before;
    restored.push(...decibels(sample, clean));
    tf.dispose([sample, measurement, clean]);
  }
  const wins = restored.filter((value, i) => value > simple[i]!).length;
  const gradients = settings.steps * settings.warmupSteps;
  console.log(
    `${task.padEnd(18)} ${show(measured)}    ${show(simple)}    ${show(restored)}   ` +
      `${String(wins).padStart(2)}/${restored.length}  ${String(gradients).padStart(9)}  ` +
      `${(spent / 1000 / crops.length).toFixed(1)}`,
  );
  if (options.each) {
    const line = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(' ');
    console.log(
      `  measured ${line(measured)}\n  baseline ${line(simple)}\n  restored ${line(restored)}`,
    );
  }
}
