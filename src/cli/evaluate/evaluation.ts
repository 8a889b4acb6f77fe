import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type ForwardOperator, gaussianNoise, type LoadedDenoiser, steps } from 'spgd';
import packageJson from '../../../package.json';
import { samplerNamed, scheduleOf } from '../../tasks/samplers';
import { nonlinearBlurTask, type Task, tasks } from '../../tasks/tasks';
import { checkSameConfig, type EvaluationConfig, sizeOf } from './config';
import { readJson, writeJson } from './files';
import { loadMetrics, type Metric } from './metrics';
import type { Models } from './models';
import { nonlinearBlurName } from './option-values';
import { digestOf, listPhotos, type Photo } from './photos';
import { pathOf, seedsOf } from './plan';

/** A metric, as far as a report needs it. */
export type MetricName = Pick<Metric, 'name' | 'lowerIsBetter'>;

/** What a result depends on beside the config: the content of `inputs.json`. */
export interface Inputs {
  readonly version: string;
  /** SHA-256 of the prior, and of the other models by their option. */
  readonly models: Readonly<Record<string, string>>;
  /** SHA-256 of the modules of `--metric`. */
  readonly metric: readonly string[];
  readonly metrics: readonly MetricName[];
  readonly photos: readonly Photo[];
}

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

/** Opens what a config names, beside the models. */
export async function openEvaluation(
  config: EvaluationConfig,
  { denoiser, blur, lpips, digests }: Models,
): Promise<Evaluation> {
  const metrics = await loadMetrics(config.metric, lpips);
  const inputs = {
    version: packageJson.version,
    models: digests,
    metric: await Promise.all(config.metric.map(digestOf)),
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
  const operator = task.operator(sizeOf(config), seedsOf(config.seed, 0, 0).operator);
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
    const problem = { denoiser, operator, measurement, noise: gaussianNoise(task.noiseStd) };
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
  const before = await readJson<EvaluationConfig>(join(folder, pathOf.config));
  if (before) checkSameConfig(folder, before, config);
  const old = await readJson<Inputs>(join(folder, pathOf.inputs));
  if (old) checkSameInputs(folder, old, inputs);
  if (!old) await writeJson(join(folder, pathOf.inputs), inputs);
  if (!before) await writeJson(join(folder, pathOf.config), config);
}
