import { join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Command } from 'commander';
import { readInput, useBackend } from 'spgd/node';
import { type CompleteOptions, completeOptions, resolveConfig } from './evaluate/config';
import { beginFolder, checkTasks, type Evaluation, openEvaluation } from './evaluate/evaluation';
import { checkComplete, unfinished } from './evaluate/item-record';
import { loadModels } from './evaluate/models';
import {
  evaluateKeys,
  flagOf,
  type GivenOptions,
  metricFlag,
  readConfig,
} from './evaluate/options';
import { groupsOf, inShard } from './evaluate/plan';
import { runProcesses } from './evaluate/processes';
import { evaluateByQueue } from './evaluate/queue';
import { writeReport } from './evaluate/report';
import type { Summary } from './evaluate/summary';
import { show } from './evaluate/tables';
import { workOn } from './evaluate/work';
import { blaming } from './exit-code';
import { interruptible } from './interrupt';
import { say } from './one-line';
import { showProgress } from './progress';
import { taskList } from './shared-options';

/** The file of `--config`. */
const readConfigFile = (path: string): Promise<GivenOptions> =>
  blaming(path, async () => {
    const bytes = await readInput(path, { purpose: 'evaluate', maxBytes: 2 ** 20 });
    return readConfig(new TextDecoder().decode(bytes), path);
  });

/** Starts the backend, on the graphics cards that were asked for. */
export async function startBackend({ backend, gpu }: Pick<CompleteOptions, 'backend' | 'gpu'>) {
  // TensorFlow reads it once, when it starts.
  if (gpu) process.env.CUDA_VISIBLE_DEVICES = gpu.join(',');
  const choice = await useBackend(backend);
  const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
  if (gpu && !isUsingGpuDevice)
    throw new RangeError(
      `evaluate: gpu needs a backend that runs on a graphics card, got ${choice.name} ` +
        `(${choice.reason}); run 'npm install @tensorflow/tfjs-node-gpu'`,
    );
  return choice;
}

/** Prints the means and what is missing; throws where anything is. */
export function sayOutcome(folder: string, { tasks, done, items, missing }: Summary): void {
  for (const [task, metrics] of Object.entries(tasks)) {
    const means = Object.entries(metrics).map(([name, { mean }]) => `${name} ${show(mean)}`);
    say(`${task}: ${means.join(', ')}`);
  }
  say(`wrote ${join(folder, 'report.html')}, eval.md, metrics.json: ${done} of ${items} items`);
  if (missing.length === 0) return;
  for (const { item, error } of missing) say(`missing: ${item}: ${error}`);
  throw new Error(`evaluate: ${missing.length} photo(s) or run(s) are missing, see the list above`);
}

/** Restores the groups of an evaluation in this process, in several, or by a queue. */
async function restoreAll(
  folder: string,
  evaluation: Evaluation,
  { queue, queueWait, workers, shard, gpu, metric }: CompleteOptions,
  signal: AbortSignal,
): Promise<void> {
  const { config, inputs } = evaluation;
  const all = inShard(groupsOf(config, inputs.photos), shard);
  const groups = await unfinished(folder, all);
  const total = all.length;
  const begun = 1 - groups.length / total;
  const unit = config.batch > 1 ? 'batch' : 'image';
  const progress = showProgress(process.stderr, signal, { begun, unit });
  const left = new Set(groups.map(({ id }) => id));
  const onDone = (id: string) => {
    if (left.delete(id)) progress.report({ index: total - left.size - 1, total });
  };
  try {
    if (queue !== undefined) {
      const failures: string[] = [];
      const onFailed = (id: string, reason: string) => failures.push(`${id}: ${reason}`);
      const options = { url: queue, wait: queueWait, signal, onDone, onFailed, say };
      await evaluateByQueue(folder, evaluation, groups, options);
      for (const failure of failures) say(`failed: ${failure}`);
      if (failures.length) throw new Error(`evaluate: ${failures.length} job(s) failed, see above`);
    } else if (workers > 1) {
      const options = { folder, count: workers, signal, onDone };
      const places = { ...config, metric };
      await runProcesses({ ...options, places, ...(shard && { shard }), ...(gpu && { gpu }) });
    } else {
      await workOn(folder, evaluation, groups, { signal, onDone });
    }
  } finally {
    progress.stop();
  }
  await checkComplete(folder, all);
}

/** Restores a folder of photos by every task, rates the results and writes a report. */
async function evaluate(given: GivenOptions, signal: AbortSignal): Promise<void> {
  const options = completeOptions(given);
  const { name: backend, reason } = await startBackend(options);
  say(`backend: ${backend} (${reason})`);
  const models = await loadModels(options);
  const { config, sources } = resolveConfig(options, models.denoiser.metadata, backend);
  const evaluation = await openEvaluation(config, models, options.metric);
  await checkTasks(evaluation);
  const folder = resolve(options.out, options.name ?? options.sampler.replaceAll(':', '-'));
  await beginFolder(folder, evaluation);
  for (const [task, settings] of Object.entries(config.settings)) {
    const list = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
    say(`${task}: ${config.sampler}, ${sources[task]}: ${list.join(', ')}`);
  }
  await restoreAll(folder, evaluation, options, signal);
  sayOutcome(folder, await writeReport(folder));
}

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
    .addOption(metricFlag())
    .option('--config <file>', 'JSON or YAML with any of these options but --metric; flags win')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action(async (photos: string | undefined, { config, ...flags }: EvaluateFlags) => {
      const file = config === undefined ? {} : await readConfigFile(config);
      const given = { ...file, ...flags, ...(photos === undefined ? {} : { photos }) };
      await interruptible((signal) => evaluate(given, signal));
    });
}
