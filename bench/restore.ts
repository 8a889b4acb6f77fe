/**
 * Samplers against each other and against simple baselines, on crops of photos that no prior was
 * trained on:
 *
 *   npm run bench:restore -- --photos folder
 *
 * Each photo is reduced by `--reduce`, its centre is cropped to `--size`, degraded by each task,
 * restored by the task's baseline and by each sampler within the same budget of network passes. A row
 * is the mean over crops and seeds, never the best of several.
 */
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { loadDenoiser } from 'spgd';
import { useBackend } from 'spgd/node';
import { chooseSettings, type Settings, type Task, tasks } from 'spgd/tasks';
import { modelSource } from '../src/cli/model-source';
import { byComma, optionOf, settingsOf } from './arguments';
import { readCrops } from './crops';
import { counted, gradientCost, stepsWithin } from './passes';
import {
  degrade,
  type Group,
  mean,
  type Outcome,
  rateMeasurements,
  runBaseline,
  runSampler,
} from './trial';
import { isUpscaler, loadUpscaler } from './upscaler';

const program = new Command()
  .requiredOption('--photos <folder>', 'photos to measure on')
  .option('--tasks <names>', 'by comma', byComma, Object.keys(tasks))
  .option(
    '--samplers <names>',
    'by comma, with spgd: before those to wrap; levels of quality; esrgan-slim and its like',
    byComma,
    ['spgd'],
  )
  .option('--count <n>', 'number of photos, in the order of their names', Number, 16)
  .option('--skip <n>', 'photos to leave out before them', Number, 0)
  .option('--reduce <n>', 'how much each photo is reduced first', Number, 3)
  .option('--size <pixels>', 'side of the crops', Number, 64)
  .option('--batch <n>', 'crops restored at once', Number, 1)
  .option(
    '--passes <n>',
    'network passes of every run, in place of its own number of steps',
    Number,
  )
  .option('--equal <what>', 'what --passes counts: passes, or time (in forward passes)', 'passes')
  .option('--set <options>', 'settings for all runs, such as learningRate=1,decay=0')
  .option('--settings <file>', 'settings in place of those of the model, as JSON')
  .option('--seed <n>', 'seed of the first crop', Number, 0)
  .option('--seeds <n>', 'runs of every crop', Number, 1)
  .option('--model <path>', 'another prior')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .option('--json', 'one line of JSON for each row as well')
  .parse();
const options = program.opts();

const set: object = Object.assign({}, ...(options.set ? byComma(options.set) : []).map(optionOf));

/** The settings of a run within the budget: as many steps as fit. */
async function withinBudget(task: Task, sampler: string, settings: Settings): Promise<Settings> {
  if (options.passes === undefined) return settings;
  const steps = await stepsWithin(options.passes, task, sampler, settings, costOfGradient);
  return { ...settings, steps };
}

/** A row of the table; `run` tells of a sampler what a baseline has not. */
function print(
  task: string,
  name: string,
  row: Outcome,
  run?: { settings: Settings; runs: number },
) {
  const number = (value: number, digits: number) =>
    Number.isFinite(value) ? value.toFixed(digits) : '–';
  const { forward, gradient } = take();
  const cells = [task, name, number(mean(row.psnr), 2), number(mean(row.ssim), 3)];
  const cost = run
    ? [
        String(run.settings.steps),
        `${Math.round(forward / run.runs)} + ${Math.round(gradient / run.runs)}`,
      ]
    : ['–', '–'];
  const seconds = row.seconds ? number(row.seconds / row.psnr.length, 2) : '–';
  console.log(`| ${[...cells, ...cost, seconds, String(row.failures)].join(' | ')} |`);
  if (options.json) console.log(JSON.stringify({ task, name, ...row, ...run, forward, gradient }));
}

async function printSampler(
  taskName: string,
  task: Task,
  sampler: string,
  groups: readonly Group[],
) {
  if (isUpscaler(sampler)) return printUpscaler(taskName, task, sampler, groups);
  const { sampler: chosen, settings: preset } = chooseSettings(taskName, sampler, tuned, set);
  try {
    const settings = await withinBudget(task, chosen, preset);
    const row = await runSampler(denoiser, task, { sampler: chosen, settings }, groups);
    print(taskName, sampler, row, { settings, runs: groups.length });
  } catch (error) {
    // The operator lacks what the sampler needs, or the noise is not what it is for.
    if (!(error instanceof TypeError)) throw error;
    console.log(`| ${taskName} | ${sampler} | does not apply | | | | | |`);
  }
}

async function printUpscaler(taskName: string, task: Task, name: string, groups: readonly Group[]) {
  const [{ clean, measurement }] = groups as [Group];
  const scale = clean.shape[1] / measurement.shape[1];
  if (scale === 1) return console.log(`| ${taskName} | ${name} | does not apply | | | | | |`);
  const restore = await loadUpscaler(name, scale);
  print(
    taskName,
    name,
    await runBaseline(task, groups, async ({ measurement }) => restore(measurement)),
  );
}

const { name, reason } = await useBackend(options.backend);
const loaded = await loadDenoiser(modelSource(options.model));
const { denoiser, take } = counted(loaded);
const tuned = await settingsOf(options.settings, loaded);
const costOfGradient = options.equal === 'time' ? await gradientCost(loaded, options.size) : 1;
const { photos, count, skip, reduce, size } = options;
const crops = await readCrops({ photos, count, skip, reduce, size });
console.log(
  `${crops.length} crops of ${size} px, ${options.seeds} seed(s); backend ${name} (${reason})` +
    (options.passes === undefined ? '' : `; ${options.passes} passes, equal ${options.equal}`) +
    (options.equal === 'time' ? `, one with gradient counts ${costOfGradient.toFixed(2)}` : ''),
);
console.log('\n| task | sampler | PSNR | SSIM | steps | passes | s/crop | failed |');
console.log('|---|---|---|---|---|---|---|---|');
for (const taskName of options.tasks as string[]) {
  const task = tasks[taskName]!;
  const seeds = Array.from({ length: options.seeds }, (_, run) => options.seed + 1000 * run);
  const groups = seeds.flatMap((seed) => degrade(task, crops, { batch: options.batch, seed }));
  take();
  print(taskName, 'measurement', rateMeasurements(task, groups));
  print(taskName, task.baseline.name, await runBaseline(task, groups));
  for (const sampler of options.samplers as string[]) {
    await printSampler(taskName, task, sampler, groups);
  }
  for (const { clean, measurement } of groups) tf.dispose([clean, measurement]);
}
