import { resolve } from 'node:path';
import type { Command } from 'commander';
import { startBackend } from './evaluate';
import { computedOf } from './evaluate/config';
import { checkSameInputs, type Evaluation, openEvaluation } from './evaluate/evaluation';
import { disposeModels, loadModels, type Models } from './evaluate/models';
import { evaluateDefaults, flagOf, type GivenOptions, metricFlag } from './evaluate/options';
import { groupsOf, inShard } from './evaluate/plan';
import { workOnQueue } from './evaluate/queue';
import { readFolder } from './evaluate/report';
import type { Computed } from './evaluate/saved';
import { workOn } from './evaluate/work';
import { interruptible } from './interrupt';
import { say } from './one-line';
import { flag, positive } from './rules';

const places = ['photos', 'model', 'blurModel', 'lpips'] as const;

/** Options of `spgd worker`: where its machine keeps things, and how it works. */
type WorkerOptions = Pick<
  GivenOptions,
  (typeof places)[number] | 'metric' | 'shard' | 'queue' | 'queueWait' | 'gpu'
> & { readonly photos: string; readonly lock: number };

/** Opens evaluations with what the flags of this worker name, and with nothing else; the last is kept. */
function opener({ photos, model, blurModel, lpips, metric = [], gpu }: WorkerOptions) {
  let last: { key: string; evaluation: Evaluation; models: Models } | undefined;
  return async (computed: Computed): Promise<Evaluation> => {
    const key = JSON.stringify(computed);
    if (last?.key === key) return last.evaluation;
    if (last) disposeModels(last.models);
    last = undefined;
    await startBackend({ backend: computed.backend, ...(gpu && { gpu }) });
    const config = { ...computed, photos: resolve(photos), model, blurModel, lpips };
    const models = await loadModels(config);
    const evaluation = await openEvaluation(config, models, metric);
    last = { key, evaluation, models };
    return evaluation;
  };
}

/** Works on a folder that `spgd evaluate` has begun, to its end. */
async function workOnFolder(folder: string, options: WorkerOptions, signal: AbortSignal) {
  const { config, inputs } = await readFolder(folder);
  const evaluation = await opener(options)(computedOf(config));
  checkSameInputs(folder, inputs, evaluation.inputs);
  const groups = inShard(groupsOf(config, evaluation.inputs.photos), options.shard);
  const onDone = (id: string) => {
    say(`done: ${id}`);
    process.send?.(id);
  };
  // A parent that was killed leaves no orphans at work.
  const leave = () => process.exit(1);
  process.once('disconnect', leave);
  await workOn(folder, evaluation, groups, { signal, onDone });
  process.off('disconnect', leave);
  process.disconnect?.();
}

/** Restores what a folder or a queue asks for. */
async function worker(
  folder: string | undefined,
  options: WorkerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { queue: url, queueWait: wait = evaluateDefaults.queueWait, lock } = options;
  if ((folder === undefined) === (url === undefined))
    throw new TypeError('worker: give either a folder or --queue');
  if (url === undefined) return workOnFolder(resolve(folder!), options, signal);
  const open = opener(options);
  await workOnQueue({ url, wait, lock, signal, open, say });
}

/** `spgd worker`. */
export function addWorker(program: Command): void {
  const command = program
    .command('worker')
    .description('work on a folder that spgd evaluate began, or for its queue')
    .argument('[folder]', 'folder of an evaluation, which other processes may work on as well');
  for (const key of ['queue', 'queueWait', 'shard', 'gpu', ...places] as const)
    command.addOption(flagOf(key).makeOptionMandatory(key === 'photos'));
  command
    .addOption(metricFlag())
    .option(
      '--lock <seconds>',
      'with --queue: silence after which another worker takes over; longer than a network pass',
      flag(positive),
      60,
    )
    .addHelpText(
      'after',
      '\nPhotos, models and metrics come from these flags, never from a folder or a queue.',
    )
    .action((folder: string | undefined, options: WorkerOptions) =>
      interruptible((signal) => worker(folder, options, signal)),
    );
}
