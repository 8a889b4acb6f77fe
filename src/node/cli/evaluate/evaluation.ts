import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  type ForwardOperator,
  gaussianNoise,
  type LoadedDenoiser,
  loadDenoiser,
  steps,
} from 'spgd';
import packageJson from '../../../../package.json';
import { modelSource } from '../model-source';
import { samplerNamed, scheduleOf } from '../samplers';
import { type Task, tasks } from '../tasks';
import { checkSameConfig, type EvaluationConfig, sizeOf } from './config';
import { readJson, writeJson } from './files';
import { loadMetrics, type Metric } from './metrics';
import { digestOf, listPhotos, type Photo } from './photos';
import { pathOf, seedsOf } from './plan';

/** A metric, as far as a report needs it. */
export type MetricName = Pick<Metric, 'name' | 'lowerIsBetter'>;

/** What a result depends on beside the config: the content of `inputs.json`. */
export interface Inputs {
  readonly version: string;
  /** SHA-256 of the prior. */
  readonly model: string;
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
  /** Tasks by name, as they were needed. */
  readonly opened: Map<string, OpenTask>;
}

/** The prior, and the SHA-256 of all that it consists of. */
export async function loadPrior(text?: string) {
  const source = modelSource(text);
  const handler = typeof source === 'string' ? tf.io.getLoadHandlers(source)[0] : source;
  if (!handler?.load) throw new TypeError(`evaluate: nothing loads the model ${text}`);
  const artifacts = await handler.load();
  const hash = createHash('sha256');
  hash.update(JSON.stringify([artifacts.modelTopology, artifacts.userDefinedMetadata]));
  for (const part of [artifacts.weightData ?? []].flat()) hash.update(new Uint8Array(part));
  const denoiser = await loadDenoiser({ load: async () => artifacts });
  return { denoiser, digest: hash.digest('hex') };
}

/** Opens what a config names. */
export async function openEvaluation(
  config: EvaluationConfig,
  { denoiser, digest }: Awaited<ReturnType<typeof loadPrior>>,
): Promise<Evaluation> {
  const metrics = await loadMetrics(config.metric);
  const inputs = {
    version: packageJson.version,
    model: digest,
    metric: await Promise.all(config.metric.map(digestOf)),
    metrics: metrics.map(({ name, lowerIsBetter }) => ({ name, lowerIsBetter })),
    photos: await listPhotos(config.photos, config.start, config.end),
  };
  return { config, inputs, metrics, denoiser, opened: new Map() };
}

/** A task of an evaluation with its operator, which is one for all photos. */
export function openTask(evaluation: Evaluation, name: string): OpenTask {
  const { config, opened } = evaluation;
  const known = opened.get(name);
  if (known) return known;
  const task: Task = tasks[name]!;
  const operator = task.operator(sizeOf(config), seedsOf(config.seed, 0, 0).operator);
  opened.set(name, { task, operator });
  return { task, operator };
}

/** Channels of the images that the prior takes. */
export const channelsOf = ({ denoiser }: Pick<Evaluation, 'denoiser'>): number =>
  denoiser.metadata?.inChannels ?? denoiser.imageShape?.[2] ?? 3;

/** Takes every task to just before its first step, so that what does not fit is refused at once. */
export async function checkTasks(evaluation: Evaluation): Promise<void> {
  const { config, denoiser } = evaluation;
  const { height, width } = sizeOf(config);
  for (const name of config.task) {
    const settings = config.settings[name]!;
    const stop = new AbortController();
    const { task, operator } = openTask(evaluation, name);
    let start: Promise<unknown> = Promise.resolve();
    tf.tidy(() => {
      const measurement = operator.forward(tf.zeros([1, height, width, channelsOf(evaluation)]));
      const problem = { denoiser, operator, measurement, noise: gaussianNoise(task.noiseStd) };
      const options = { schedule: scheduleOf(settings), signal: stop.signal };
      start = steps(samplerNamed(config.sampler, settings), problem, options).next();
      stop.abort();
    });
    await start.catch((error: Error) => {
      if (error.name === 'AbortError') return;
      error.message = `evaluate: ${name} by ${config.sampler}: ${error.message}`;
      throw error;
    });
  }
}

/** Refuses to go on with other inputs, by the one that differs. */
export function checkSameInputs(folder: string, before: Inputs, now: Inputs): void {
  const differ = (what: string, old: string | undefined, got: string | undefined) =>
    new RangeError(
      `evaluate: ${what} must be as when ${folder} was begun (${old}), got ${got}; ` +
        'name another folder (--name)',
    );
  if (before.version !== now.version) throw differ('version', before.version, now.version);
  if (before.model !== now.model) throw differ('model', before.model, now.model);
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
