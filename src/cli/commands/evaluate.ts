import type { Command } from 'commander';
import { evaluate, readConfigFile, sayOutcome } from '../evaluate';
import { mergeFolders } from '../evaluate/merge';
import { evaluateKeys, flagOf, type GivenOptions } from '../evaluate/options';
import { writeReport } from '../evaluate/report';
import { interruptible } from '../interrupt';
import { positive } from '../parse';
import { taskList } from '../shared-options';
import { type WorkerOptions, worker } from '../worker';

/** Flags of `spgd evaluate`. */
type EvaluateFlags = GivenOptions & { readonly config?: string };

/** `spgd evaluate`. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('restore a folder of photos by every task, rate the results, write a report')
    .argument('[folder]', 'folder of photos, or --photos');
  for (const key of evaluateKeys) command.addOption(flagOf(key));
  command
    .option('--config <file>', 'JSON or YAML with any of these options; flags come before it')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action(async (photos: string | undefined, { config, ...flags }: EvaluateFlags) => {
      const file = config === undefined ? {} : await readConfigFile(config);
      const given = { ...file, ...flags, ...(photos === undefined ? {} : { photos }) };
      await interruptible((signal) => evaluate(given, signal));
    });
}

/** `spgd worker`. */
export function addWorker(program: Command): void {
  const command = program
    .command('worker')
    .description('work on a folder that spgd evaluate has begun, or for its queue')
    .argument('[folder]', 'folder of an evaluation, which other processes may work on as well');
  const places = ['photos', 'model', 'blurModel', 'lpips', 'metric'] as const;
  for (const key of ['queue', 'shard', 'gpu', ...places] as const) command.addOption(flagOf(key));
  command
    .option(
      '--lock <seconds>',
      'with --queue: silence after which another worker takes over; longer than a network pass',
      positive,
      60,
    )
    .action((folder: string | undefined, options: WorkerOptions) =>
      interruptible((signal) => worker(folder, options, signal)),
    );
}

/** `spgd merge`. */
export function addMerge(program: Command): void {
  program
    .command('merge')
    .description('join the parts of an evaluation that --shard made, and write its report')
    .argument('<folders...>', 'folders of the parts')
    .requiredOption('--out <folder>', 'folder to write')
    .action(async (folders: string[], { out }: { out: string }) => {
      await mergeFolders(folders, out);
      sayOutcome(out, await writeReport(out));
    });
}
