import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type ForwardOperator, type LoadedDenoiser, steps } from 'spgd';
import {
  noiseOf,
  nonlinearBlurName,
  nonlinearBlurTask,
  samplerNamed,
  scheduleOf,
  type Task,
  tasks,
} from 'spgd/tasks';
import packageJson from '../../../package.json';
import { checkSameConfig, sizeOf } from './config';
import { readJson, writeJson } from './files';
import { loadMetrics, type Metric } from './metrics';
import type { Models } from './models';
import { digestOf, listPhotos } from './photos';
import { pathOf, seedsOf } from './plan';
import { configRule, type EvaluationConfig, type Inputs, inputsRule } from './saved';

/** A metric, as far as a report needs it. */
export type MetricName = Pick<Metric, 'name' | 'lowerIsBetter'>;

/** A task, and its operator at the size of an evaluation. */
export interface OpenTask {
  readonly task: Task;
  readonly operator: ForwardOperator;
}

/** A config with all that it names opened. */
export interface Evaluation {
  readonly config: EvaluationConfig;
  readonly inputs: Inputs;
  readonly denoiser: LoadedDenoiser;
  readonly metrics: readonly Metric[];
  readonly tasks: Readonly<Record<string, Task>>;
  /** Tasks with their operators by name, as they were needed. */
  readonly opened: Map<string, OpenTask>;
}

/** Opens what a config names, besides the models; `modules` are files of metrics, which are run. */
export async function openEvaluation(
  config: EvaluationConfig,
  { denoiser, blur, lpips, digests }: Models,
  modules: readonly string[],
): Promise<Evaluation> {
  const metrics = await loadMetrics(modules, lpips);
  const inputs = {
    version: packageJson.version,
    models: digests,
    metric: await Promise.all(modules.map(digestOf)),
    metrics: metrics.map(({ name, lowerIsBetter }) => ({ name, lowerIsBetter })),
    photos: await listPhotos(config.photos, config.start, config.end),
  };
  const all = blur ? { ...tasks, [nonlinearBlurName]: nonlinearBlurTask(blur) } : tasks;
  return { config, inputs, metrics, tasks: all, denoiser, opened: new Map() };
}

/** A task of an evaluation with its operator, which is one for all photos. */
export function openTask(evaluation: Evaluation, name: string): OpenTask {
  const { config, tasks, opened } = evaluation;
  const known = opened.get(name);
  if (known) return known;
  const task = tasks[name]!;
  const operator = task.operator(sizeOf(config), { seed: seedsOf(config.seed, 0, 0).operator });
  opened.set(name, { task, operator });
  return { task, operator };
}

/** Channels of the images that the prior takes. */
export const channelsOf = ({ denoiser }: Pick<Evaluation, 'denoiser'>): number =>
  denoiser.metadata?.inChannels ?? denoiser.imageShape?.[2] ?? 3;

/**
 * Takes every task to just before its first step and rates a black image, so that what does not fit
 * is refused at once.
 */
export async function checkTasks(evaluation: Evaluation): Promise<void> {
  const { config, denoiser, metrics } = evaluation;
  const { height, width } = sizeOf(config);
  const black = tf.fill<tf.Rank.R4>([1, height, width, channelsOf(evaluation)], -1);
  for (const name of config.task) {
    const settings = config.settings[name]!;
    const stop = new AbortController();
    const { task, operator } = openTask(evaluation, name);
    const measurement = operator.forward(black);
    const problem = { denoiser, operator, measurement, noise: noiseOf(task) };
    const options = { schedule: scheduleOf(settings), signal: stop.signal };
    try {
      const start = steps(samplerNamed(config.sampler, settings), problem, options).next();
      stop.abort();
      await start;
    } catch (reason) {
      const error = reason as Error;
      if (error.name === 'AbortError') continue;
      error.message = `evaluate: ${name} by ${config.sampler}: ${error.message}`;
      throw error;
    } finally {
      measurement.dispose();
    }
  }
  for (const { measure } of metrics) await measure(black, black);
  black.dispose();
}

/** Refuses to go on with other inputs, by the one that differs. */
export function checkSameInputs(folder: string, before: Inputs, now: Inputs): void {
  const differ = (what: string, old: string | undefined, got: string | undefined) =>
    new RangeError(
      `evaluate: ${what} must be as when ${folder} was begun (${old}), got ${got}; ` +
        'name another folder (--name)',
    );
  if (before.version !== now.version) throw differ('version', before.version, now.version);
  for (const key of Object.keys({ ...before.models, ...now.models }))
    if (before.models[key] !== now.models[key])
      throw differ(key, before.models[key], now.models[key]);
  if (`${before.metric}` !== `${now.metric}`)
    throw differ('metric', `${before.metric}`, `${now.metric}`);
  const count = Math.max(before.photos.length, now.photos.length);
  for (let i = 0; i < count; i++) {
    const [old, got] = [before.photos[i], now.photos[i]].map(
      (photo) => photo && `${photo.name}, ${photo.digest.slice(0, 12)}`,
    );
    if (old !== got) throw differ('photos', old, got);
  }
}

/** Begins a folder, or goes on in one that was begun with the same config and inputs. */
export async function beginFolder(folder: string, { config, inputs }: Evaluation): Promise<void> {
  const before = await readJson(join(folder, pathOf.config), configRule);
  if (before) checkSameConfig(folder, before, config);
  const old = await readJson(join(folder, pathOf.inputs), inputsRule);
  if (old) checkSameInputs(folder, old, inputs);
  if (!old) await writeJson(join(folder, pathOf.inputs), inputs);
  if (!before) await writeJson(join(folder, pathOf.config), config);
}
