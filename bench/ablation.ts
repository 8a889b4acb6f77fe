/**
 * Which parts of SPGD help: one option changed at a time, at equal passes.
 *
 *   npm run bench:ablation -- --photos folder --settings bench/settings-30.json
 *
 * A change moves the best learning rate with it, so each row takes, for each task, the best of `--rates`
 * times the rate of the settings, chosen on photos that are not measured on (`--tune`).
 */
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { loadDenoiser } from 'spgd';
import { useBackend } from 'spgd/node';
import { chooseSettings, type Settings, type Task, tasks } from 'spgd/tasks';
import { modelSource } from '../src/cli/model-source';
import { byComma, optionOf, settingsOf } from './arguments';
import { readCrops } from './crops';
import { stepsWithin } from './passes';
import { degrade, type Group, levelOf, runSampler } from './trial';

const program = new Command()
  .requiredOption('--photos <folder>', 'photos to measure on; those after them are to tune on')
  .requiredOption('--settings <file>', 'settings of each task for SPGD, as JSON')
  .option('--tasks <names>', 'by comma', byComma, Object.keys(tasks))
  .option(
    '--changes <options>',
    'rows, such as "warmupSteps=1 momentum=0.5"',
    (text: string) => text.split(' '),
    ['warmupSteps=1', 'warmupSteps=2', 'warmupSteps=3', 'warmupSteps=5', 'warmupSteps=10'].concat(
      ['momentum=0', 'momentum=0.5', 'momentum=0.9', 'similarity=image', 'denoiseAt=previous'],
      ['decay=0', 'decay=0.99'],
    ),
  )
  .option('--rates <factors>', 'learning rates to try, by comma', byComma, ['0.5', '1', '2', '4'])
  .option('--passes <n>', 'network passes of every run', Number, 30)
  .option('--count <n>', 'number of photos to measure on, in the order of their names', Number, 16)
  .option('--tune <n>', 'number of photos after them to choose the learning rate on', Number, 8)
  .option('--seeds <n>', 'runs of every crop', Number, 1)
  .option('--reduce <n>', 'how much each photo is reduced first', Number, 3)
  .option('--size <pixels>', 'side of the crops', Number, 64)
  .option('--batch <n>', 'crops restored at once', Number, 8)
  .option('--model <path>', 'another prior')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .parse();
const { photos, settings, changes, rates, count, seeds, reduce, size, batch } = program.opts();

const { name, reason } = await useBackend(program.opts().backend);
const denoiser = await loadDenoiser(modelSource(program.opts().model));
const known = await settingsOf(settings, denoiser);
const crops = await readCrops({ photos, skip: 0, count, reduce, size });
const others = await readCrops({ photos, skip: count, count: program.opts().tune, reduce, size });
console.log(`${crops.length} crops of ${size} px, ${seeds} seed(s); backend ${name} (${reason})`);
console.log('\n| change | task | rate | steps | PSNR |\n|---|---|---|---|---|');

/** PSNR of SPGD with these settings. */
const levelWith = async (task: Task, chosen: Settings, groups: readonly Group[]) =>
  levelOf(await runSampler(denoiser, task, { sampler: 'spgd', settings: chosen }, groups));

for (const taskName of program.opts().tasks as string[]) {
  const task = tasks[taskName]!;
  const tuning = degrade(task, others, { batch, seed: 500 });
  const groups = Array.from({ length: seeds }, (_, run) =>
    degrade(task, crops, { batch, seed: 1000 * run }),
  ).flat();
  for (const change of changes as string[]) {
    const { settings: preset } = chooseSettings(taskName, 'spgd', known, optionOf(change));
    const steps = await stepsWithin(program.opts().passes, task, 'spgd', preset);
    const tried: { level: number; chosen: Settings }[] = [];
    for (const factor of (rates as string[]).map(Number)) {
      const chosen = { ...preset, steps, learningRate: factor * Number(preset.learningRate) };
      tried.push({ level: await levelWith(task, chosen, tuning), chosen });
    }
    const { chosen } = tried.reduce((best, one) => (one.level > best.level ? one : best));
    const level = await levelWith(task, chosen, groups);
    console.log(
      `| ${[change, taskName, chosen.learningRate, steps, level.toFixed(2)].join(' | ')} |`,
    );
  }
  for (const { clean, measurement } of [...tuning, ...groups]) tf.dispose([clean, measurement]);
}
