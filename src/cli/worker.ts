import { resolve } from 'node:path';
import { startBackend } from './evaluate';
import type { EvaluationConfig } from './evaluate/config';
import { checkSameInputs, type Evaluation, openEvaluation } from './evaluate/evaluation';
import { disposeModels, loadModels, type Models } from './evaluate/models';
import { type EvaluateKey, type GivenOptions, kindOf } from './evaluate/options';
import { groupsOf, inShard } from './evaluate/plan';
import { workOnQueue } from './evaluate/queue';
import { readFolder } from './evaluate/report';
import { workOn } from './evaluate/work';

/** Options of `spgd worker`: where its machine keeps things, and how it works. */
export type WorkerOptions = Pick<
  GivenOptions,
  'photos' | 'model' | 'blurModel' | 'lpips' | 'metric' | 'shard' | 'queue' | 'gpu'
> & { readonly lock: number };

/** Opens evaluations on this machine, each once. */
function opener({ gpu, ...options }: WorkerOptions) {
  const places = Object.entries(options).filter(
    ([key, value]) => value !== undefined && kindOf(key as EvaluateKey) === 'place',
  );
  let last: { key: string; evaluation: Evaluation; models: Models } | undefined;
  return async (config: EvaluationConfig): Promise<Evaluation> => {
    const key = JSON.stringify(config);
    if (last?.key === key) return last.evaluation;
    if (last) disposeModels(last.models);
    last = undefined;
    await startBackend({ backend: config.backend, ...(gpu ? { gpu } : {}) });
    const here = { ...config, ...Object.fromEntries(places) };
    const models = await loadModels(here);
    const evaluation = await openEvaluation(here, models);
    last = { key, evaluation, models };
    return evaluation;
  };
}

/** Works on a folder that `spgd evaluate` has begun, to its end. */
async function workOnFolder(folder: string, options: WorkerOptions, signal: AbortSignal) {
  const { config, inputs } = await readFolder(folder);
  const evaluation = await opener(options)(config);
  checkSameInputs(folder, inputs, evaluation.inputs);
  const groups = inShard(groupsOf(config, evaluation.inputs.photos), options.shard);
  const onDone = (id: string) => {
    console.log(`done: ${id}`);
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
export async function worker(
  folder: string | undefined,
  options: WorkerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { queue: url, lock } = options;
  if ((folder === undefined) === (url === undefined))
    throw new TypeError('worker: give either a folder or --queue');
  if (url === undefined) return workOnFolder(resolve(folder!), options, signal);
  const open = opener(options);
  const say = (line: string) => console.log(line);
  await workOnQueue({ url, lock, signal, open, say });
}
