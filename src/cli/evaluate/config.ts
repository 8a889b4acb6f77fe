import { resolve } from 'node:path';
import type { ModelMetadata } from 'spgd';
import type { BackendName } from 'spgd/node';
import {
  chooseSettings,
  nonlinearBlurName,
  type Settings,
  type Size,
  samplerParts,
  samplers,
} from 'spgd/tasks';
import { type EvaluateKey, evaluateDefaults, type GivenOptions, kindOf } from './options';
import type { Computed, EvaluationConfig } from './saved';

/** Options as given, with the defaults. */
export type CompleteOptions = GivenOptions &
  Required<Pick<GivenOptions, 'photos' | keyof typeof evaluateDefaults>>;

const refuse = (key: EvaluateKey, rule: string, value: unknown): RangeError =>
  new RangeError(`evaluate: ${key} must be ${rule}, got ${value}`);

/** Fills in the defaults; what cannot go together is refused by name. */
export function completeOptions(given: GivenOptions): CompleteOptions {
  const all = { ...evaluateDefaults, ...given } as CompleteOptions;
  const { photos, start, end, task, queue, shard, workers, gpu, backend, settings } = all;
  const { blurModel, lpips, replacePooling } = all;
  if (photos === undefined)
    throw new TypeError('evaluate: photos must be given: spgd evaluate <folder>');
  if (end !== undefined && end <= start) throw refuse('end', `> start = ${start}`, end);
  if (task.length === 0) throw refuse('task', 'at least one name', 'none');
  const blurs = task.includes(nonlinearBlurName);
  if (blurs && blurModel === undefined)
    throw refuse('blurModel', `given for ${nonlinearBlurName}`, 'none');
  if (!blurs && blurModel !== undefined)
    throw refuse('blurModel', `left out without the task ${nonlinearBlurName}`, blurModel);
  if (replacePooling && lpips === undefined)
    throw refuse('replacePooling', 'left out without lpips', replacePooling);
  if (queue !== undefined) {
    if (shard !== undefined) throw refuse('shard', 'left out with queue', shard);
    if (workers > 1) throw refuse('workers', 'left out with queue', workers);
    if (gpu !== undefined) throw refuse('gpu', 'left out with queue: give it to spgd worker', gpu);
  }
  if (gpu !== undefined && (backend === 'wasm' || backend === 'cpu'))
    throw refuse('backend', 'tfjs-node-gpu or tfjs-node with gpu', backend);
  for (const name of Object.keys(settings))
    if (!task.includes(name))
      throw refuse('settings', `for tasks of this evaluation (${task})`, name);
  return all;
}

/** A config without the places that it names: what may be sent to another machine. */
export function computedOf(config: EvaluationConfig): Computed {
  const { photos: _, model: __, blurModel: ___, lpips: ____, ...computed } = config;
  return computed;
}

/** Height and width of a size such as `64x96`. */
export function sizeOf({ size }: Pick<EvaluationConfig, 'size'>): Size {
  const [height, width] = size.split('x').map(Number) as [number, number];
  return { height, width };
}

/** The options that a sampler and its noise levels read, found by making it. */
function readBy(sampler: string, settings: Settings): ReadonlySet<string> {
  const { base, own, guided } = samplerParts(sampler, settings);
  const read = new Set(['steps', 'sigmaMax', 'sigmaMin', 'tries', 'until']);
  for (const option of Object.keys(guided ?? {})) read.add(option);
  if (sampler === 'spgd') read.add('base');
  const watched = new Proxy(own, {
    get(target, key) {
      read.add(String(key));
      return Reflect.get(target, key);
    },
  });
  samplers[base]!.make(watched);
  return read;
}

/** The settings of one task, and where those come from that were not given. */
function settingsOf(
  task: string,
  { sampler, settings, steps, warmupSteps, learningRate }: CompleteOptions,
  metadata: ModelMetadata | null,
) {
  const flags = { steps, warmupSteps, learningRate };
  const known = Object.entries(flags).filter(([, value]) => value !== undefined);
  const given = { ...settings[task], ...Object.fromEntries(known) };
  const chosen = chooseSettings(task, sampler, metadata, given);
  const read = readBy(sampler, chosen.settings);
  const unknown = Object.keys(given).find((key) => !read.has(key));
  if (unknown !== undefined)
    throw new RangeError(`evaluate: ${task}: ${sampler} has no option ${unknown}`);
  const used = Object.entries(chosen.settings).filter(([key]) => read.has(key));
  const settingsUsed = Object.fromEntries(used) as EvaluationConfig['settings'][string];
  return { settings: settingsUsed, source: chosen.source };
}

/** Paths that hold from every folder; URLs stay, and what was not given is left out. */
const absolute = (places: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(
    Object.entries(places)
      .filter(([, place]) => place !== undefined)
      .map(([key, place]) => [key, /^\w+:\/\//.test(place!) ? place : resolve(place!)]),
  );

/** Chooses all that is left open, and says of each task where its settings come from. */
export function resolveConfig(
  options: CompleteOptions,
  metadata: ModelMetadata | null,
  backend: BackendName,
): { config: EvaluationConfig; sources: Readonly<Record<string, string>> } {
  const size = options.size ?? metadata?.size.join('x');
  if (size === undefined) throw refuse('size', 'given, since the model has none', 'none');
  const chosen = options.task.map((task) => [task, settingsOf(task, options, metadata)] as const);
  const { start, end, task, sampler, samples, batch, seed } = options;
  const { model, blurModel, lpips, replacePooling } = options;
  const config: EvaluationConfig = {
    photos: resolve(options.photos),
    start,
    ...(end === undefined ? {} : { end }),
    size,
    task,
    sampler,
    ...absolute({ model, blurModel, lpips }),
    replacePooling,
    samples,
    batch,
    seed,
    settings: Object.fromEntries(chosen.map(([name, one]) => [name, one.settings])),
    trajectory: options.trajectory,
    backend,
  };
  return { config, sources: Object.fromEntries(chosen.map(([name, one]) => [name, one.source])) };
}

/** Refuses to go on in a folder that was begun with another config, by the key that differs. */
export function checkSameConfig(folder: string, before: EvaluationConfig, now: EvaluationConfig) {
  const keys = Object.keys({ ...before, ...now }) as (keyof EvaluationConfig)[];
  const key = keys
    .filter((one) => kindOf(one) === undefined)
    .find((one) => JSON.stringify(before[one]) !== JSON.stringify(now[one]));
  if (key === undefined) return;
  throw new RangeError(
    `evaluate: ${key} must be ${JSON.stringify(before[key])}, as ${folder} was begun, ` +
      `got ${JSON.stringify(now[key])}; name another folder (--name)`,
  );
}
