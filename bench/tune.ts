/**
 * Settings of a sampler for a prior, by trying all of a grid on photos that are not measured on later:
 *
 *   npm run bench:tune -- --photos folder --skip 16 --grid "learningRate=0.3,1,3 decay=0,0.99"
 *
 * Prints mean PSNR for each, and the best of each task in the form that `spgd convert --settings` takes.
 */
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { loadDenoiser } from 'spgd';
import { useBackend } from 'spgd/node';
import { chooseSettings, type Settings, tasks } from 'spgd/tasks';
import { modelSource } from '../src/cli/model-source';
import { asNumber, byComma, settingsOf } from './arguments';
import { readCrops } from './crops';
import { degrade, levelOf, runSampler } from './trial';

const program = new Command()
  .requiredOption('--photos <folder>', 'photos to tune on')
  .requiredOption('--grid <options>', 'values of options, such as "learningRate=1,3 decay=0,0.99"')
  .option('--tasks <names>', 'by comma', byComma, Object.keys(tasks))
  .option('--sampler <name>', 'the sampler', 'spgd')
  .option('--count <n>', 'number of photos, in the order of their names', Number, 8)
  .option('--skip <n>', 'photos to leave out before them', Number, 0)
  .option('--reduce <n>', 'how much each photo is reduced first', Number, 3)
  .option('--size <pixels>', 'side of the crops', Number, 64)
  .option('--batch <n>', 'crops restored at once', Number, 8)
  .option('--settings <file>', 'settings in place of those of the model, as JSON')
  .option('--model <path>', 'another prior')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .parse();
const { photos, grid, sampler, count, skip, reduce, size, batch, model, backend, settings } =
  program.opts();

type Options = Readonly<Record<string, number | string>>;

/** Every combination of the values of a grid. */
const combinations: readonly Options[] = (grid as string).split(' ').reduce<Options[]>(
  (known, axis) => {
    const [key, values] = axis.split('=') as [string, string];
    return known.flatMap((one) =>
      byComma(values).map((value) => ({ ...one, [key]: asNumber(value) })),
    );
  },
  [{}],
);

const { name, reason } = await useBackend(backend);
const denoiser = await loadDenoiser(modelSource(model));
const known = await settingsOf(settings, denoiser);
const crops = await readCrops({ photos, count, skip, reduce, size });
console.log(`${sampler} on ${crops.length} crops of ${size} px; backend ${name} (${reason})`);
const best: Record<string, Record<string, Options>> = {};
for (const task of program.opts().tasks as string[]) {
  const groups = degrade(tasks[task]!, crops, { batch, seed: 500 });
  let highest = -Infinity;
  for (const options of combinations) {
    const chosen: { settings: Settings } = chooseSettings(task, sampler, known, options);
    const run = { sampler, settings: chosen.settings };
    const level = levelOf(await runSampler(denoiser, tasks[task]!, run, groups));
    console.log(`${task} ${JSON.stringify(options)}: ${level.toFixed(2)} dB`);
    if (level > highest) best[task] = { [sampler]: options };
    highest = Math.max(highest, level);
  }
  for (const { clean, measurement } of groups) tf.dispose([clean, measurement]);
}
console.log(JSON.stringify(best, null, 2));
