/**
 * Can the spread of samples be trusted? On crops of photos that no prior was trained on:
 *
 *   npm run bench:calibration -- --photos folder
 *
 * Each crop is degraded by each task, and `posterior` draws `--samples` of it with each sampler. A row
 * gives the PSNR of a sample (mean over all) and of the mean of the samples, and the share of pixels whose
 * true value lies in their interval: as the samples are spread, and after `calibrate` on all other
 * photos. Of a task with missing pixels, only those count. `--save` writes the scale of all photos into
 * the settings of a model.
 *
 *   npm run bench:calibration -- --gaussian
 *
 * does it for every sampler where the posterior is known, which takes seconds.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import {
  calibrate,
  coverage,
  gaussianNoise,
  loadDenoiser,
  posterior,
  psnr,
  type RestoredPhoto,
} from 'spgd';
import { bundledPrior, useBackend } from 'spgd/node';
import { type ChosenSettings, chooseSettings, samplerNamed, scheduleOf, tasks } from 'spgd/tasks';
import { modelSource } from '../src/cli/model-source';
import { byComma } from './arguments';
import { gaussianCases, gaussianCoverage } from './calibration-gaussian';
import { readCrops } from './crops';
import { counted } from './passes';
import { degrade, mean } from './trial';

const options = new Command()
  .option('--photos <folder>', 'photos to measure on')
  .option('--gaussian', 'a known posterior in place of photos')
  .option('--tasks <names>', 'by comma', byComma, Object.keys(tasks))
  .option('--samplers <names>', 'by comma; samples names the default', byComma, ['samples'])
  .option('--samples <n>', 'samples of each crop', Number, 8)
  .option('--count <n>', 'number of photos, in the order of their names', Number, 8)
  .option('--skip <n>', 'photos to leave out before them', Number, 0)
  .option('--reduce <n>', 'how much each photo is reduced first', Number, 3)
  .option('--size <pixels>', 'side of the crops', Number, 64)
  .option('--batch <n>', 'samples drawn at once', Number, 8)
  .option('--steps <n>', 'steps of every run, in place of its own', Number)
  .option('--model <path>', 'another prior')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .option('--save <model.json>', 'write the scales into the settings of this model')
  .parse()
  .opts();

const levels = [0.5, 0.8, 0.9, 0.95];
const cells = (...values: readonly (string | number)[]) => console.log(`| ${values.join(' | ')} |`);
const percent = (share: number) => (100 * share).toFixed(0);

/** A crop, what became of it, and what it took. */
interface Trial extends RestoredPhoto {
  readonly psnrOfSample: number;
  readonly psnrOfMean: number;
  readonly chiSquare: number;
}

const ratio = async (image: Tensor4D, clean: Tensor4D): Promise<number> => {
  const value = tf.tidy(() => psnr(image, clean));
  return (await value.data())[0]!;
};

const { name, reason } = await useBackend(options.backend);
if (options.gaussian) {
  cells('sampler', ...levels.map((level) => `${percent(level)} %`));
  console.log(`|${'---|'.repeat(1 + levels.length)}`);
  for (const sampler of gaussianCases())
    try {
      cells(
        sampler.name,
        ...(await gaussianCoverage(sampler, options.samples, levels)).map(percent),
      );
    } catch (error) {
      cells(sampler.name, `fails: ${(error as Error).message.split(';')[0]}`);
    }
  process.exit(0);
}
const loaded = await loadDenoiser(options.model ? modelSource(options.model) : bundledPrior);
const { denoiser, take } = counted(loaded);
const { photos, count, skip, reduce, size, samples, batch } = options;
const crops = await readCrops({ photos, count, skip, reduce, size });

/** Draws samples of one crop after another. */
async function trialsOf(taskName: string, { sampler, settings }: ChosenSettings): Promise<Trial[]> {
  const task = tasks[taskName]!;
  const trials: Trial[] = [];
  const noise = gaussianNoise(task.noiseStd);
  for (const { clean, operator, measurement, seed } of degrade(task, crops, {
    batch: 1,
    seed: 0,
  })) {
    const problem = { denoiser, operator, measurement, noise };
    const ratios: number[] = [];
    const result = await posterior(samplerNamed(sampler, settings), problem, {
      schedule: scheduleOf(settings),
      samples,
      batch,
      seed: 1000 * seed,
      onSample: async ({ sample }) => void ratios.push(await ratio(sample, clean)),
    });
    const where = task.describedBy.includes('mask')
      ? tf.tidy(() => tf.sub<Tensor4D>(1, operator.forward(tf.onesLike(clean))))
      : undefined;
    trials.push({
      ...result,
      truth: clean,
      ...(where && { where }),
      psnrOfSample: mean(ratios),
      psnrOfMean: await ratio(result.mean, clean),
      chiSquare: result.consistency.chiSquare ?? Number.NaN,
    });
  }
  return trials;
}

/** Coverage of each photo after calibration on all others, as the mean over photos. */
async function heldOut(trials: readonly Trial[], level: number): Promise<number> {
  const shares: number[] = [];
  for (const trial of trials) {
    const scale = await calibrate(trials.filter((one) => one !== trial));
    shares.push(await coverage([trial], { level, scale }));
  }
  return mean(shares);
}

/** Puts the scale of a sampler into the settings of a model. */
async function save(path: string, task: string, sampler: string, scale: number, base: object) {
  const model = JSON.parse(await readFile(path, 'utf8'));
  const { settings } = model.userDefinedMetadata.spgd;
  const before = settings[task]?.[sampler] ?? base;
  settings[task] = {
    ...settings[task],
    [sampler]: { ...before, intervalScale: +scale.toFixed(2) },
  };
  await writeFile(path, JSON.stringify(model));
}

console.log(
  `${crops.length} crops of ${size} px, ${samples} samples; backend ${name} (${reason})\n`,
);
const raw = levels.map((level) => `raw ${percent(level)} %`);
const after = levels.map((level) => `calibrated ${percent(level)} %`);
cells(
  'task',
  'sampler',
  'passes a sample',
  'PSNR of a sample',
  'of the mean',
  'chi-square',
  ...raw,
  'scale',
  ...after,
);
console.log(`|${'---|'.repeat(7 + 2 * levels.length)}`);
for (const taskName of options.tasks as string[]) {
  for (const sampler of options.samplers as string[]) {
    try {
      const chosen = chooseSettings(taskName, sampler, loaded.metadata, { steps: options.steps });
      take();
      const trials = await trialsOf(taskName, chosen);
      const { forward, gradient } = take();
      const runs = crops.length * Math.ceil(samples / batch);
      const scale = await calibrate(trials);
      const found: number[] = [];
      for (const level of levels) found.push(await coverage(trials, { level }));
      for (const level of levels) found.push(await heldOut(trials, level));
      const shares = found.map(percent);
      cells(
        taskName,
        chosen.sampler === sampler ? sampler : `${sampler}: ${chosen.sampler}`,
        `${Math.round(forward / runs)} + ${Math.round(gradient / runs)}`,
        mean(trials.map(({ psnrOfSample }) => psnrOfSample)).toFixed(2),
        mean(trials.map(({ psnrOfMean }) => psnrOfMean)).toFixed(2),
        mean(trials.map(({ chiSquare }) => chiSquare)).toFixed(2),
        ...shares.slice(0, levels.length),
        scale.toFixed(2),
        ...shares.slice(levels.length),
      );
      if (options.save) {
        const { sampler: of, settings } = chosen;
        const base = sampler === 'samples' ? { sampler: of, ...settings } : settings;
        await save(options.save, taskName, sampler, scale, base);
      }
      for (const { mean: image, std, truth, where } of trials)
        tf.dispose([image, std, truth, ...(where ? [where] : [])]);
    } catch (error) {
      cells(taskName, sampler, `fails: ${(error as Error).message.split(';')[0]}`);
    }
  }
}
process.exit(0);
