import { join } from 'node:path';
import type { MetricName } from './evaluation';
import { readJson } from './files';
import { pathOf, photoId } from './plan';
import { type EvaluationConfig, type Inputs, type ItemRecord, recordRule } from './saved';

/** A metric of one photo over its samples. */
export interface Spread {
  /** One number a sample. */
  readonly sample: readonly number[];
  readonly mean: number;
  /** Standard deviation over samples, by n - 1; 0 for a single sample. */
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

/** A metric of one task over its photos. */
export interface MetricSummary {
  /** Mean over photos of the mean over samples. */
  readonly mean: number;
  /** Standard deviation over photos of the mean over samples. */
  readonly std: number;
  /** Mean over photos of the best sample of each, where there are several: not a score of the method. */
  readonly bestOfSamples?: number;
  readonly photos: Readonly<Record<string, Spread>>;
}

/** The content of `metrics.json`. */
export interface Summary {
  readonly sampler: string;
  readonly samples: number;
  /** Items that are done, of how many. */
  readonly done: number;
  readonly items: number;
  readonly tasks: Readonly<Record<string, Readonly<Record<string, MetricSummary>>>>;
  /** Photos that could not be read, and runs that diverged. */
  readonly missing: readonly { readonly item: string; readonly error: string }[];
}

/** Mean of numbers. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation by n - 1; 0 for a single number. */
export function momentsStd(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(
    meanOf(values.map((value) => (value - mean) ** 2)) * (values.length / (values.length - 1)),
  );
}

const spreadOf = (sample: readonly number[]): Spread => ({
  sample,
  mean: meanOf(sample),
  std: momentsStd(sample),
  min: Math.min(...sample),
  max: Math.max(...sample),
});

/** The records that are there, by task, photo and run. */
export async function readRecords(
  folder: string,
  config: EvaluationConfig,
  { photos }: Inputs,
): Promise<ItemRecord[]> {
  const records: ItemRecord[] = [];
  for (const task of config.task)
    for (const photo of photos)
      for (let run = 0; run < config.samples; run++) {
        const path = join(folder, pathOf.record(task, photoId(photo), run));
        const record = await readJson(path, recordRule);
        if (record) records.push(record);
      }
  return records;
}

function summarizeMetric(
  records: readonly ItemRecord[],
  { name, lowerIsBetter }: MetricName,
  samples: number,
): MetricSummary {
  const rated = records.filter((record) => Number.isFinite(record.metrics?.[name]));
  const photos = new Map<string, number[]>();
  for (const { index, photo, metrics } of rated) {
    const id = photoId({ index, name: photo });
    photos.set(id, [...(photos.get(id) ?? []), metrics![name]!]);
  }
  const spreads = [...photos].map(([photo, sample]) => [photo, spreadOf(sample)] as const);
  const means = spreads.map(([, { mean }]) => mean);
  const best = spreads.map(([, { min, max }]) => (lowerIsBetter ? min : max));
  return {
    mean: meanOf(means),
    std: momentsStd(means),
    ...(samples > 1 ? { bestOfSamples: meanOf(best) } : {}),
    photos: Object.fromEntries(spreads),
  };
}

/** Photos that could not be read, each once, and runs that diverged. */
function missingOf(records: readonly ItemRecord[]): Summary['missing'] {
  const missing = new Map<string, string>();
  for (const { photo, run, task, unreadable, diverged } of records) {
    if (unreadable !== undefined) missing.set(photo, unreadable);
    if (diverged !== undefined) missing.set(`${photo}, ${task}, run ${run}`, diverged);
  }
  return [...missing].map(([item, error]) => ({ item, error }));
}

/** What the records of an evaluation come to. */
export function summarize(
  config: EvaluationConfig,
  { photos, metrics }: Inputs,
  records: readonly ItemRecord[],
): Summary {
  const { sampler, samples } = config;
  const tasks = config.task.map((task) => {
    const own = records.filter((record) => record.task === task && record.metrics);
    const rows = metrics.map(
      (metric) => [metric.name, summarizeMetric(own, metric, samples)] as const,
    );
    return [
      task,
      Object.fromEntries(rows.filter(([, { photos }]) => Object.keys(photos).length)),
    ] as const;
  });
  return {
    sampler,
    samples,
    done: records.length,
    items: photos.length * config.task.length * samples,
    tasks: Object.fromEntries(tasks),
    missing: missingOf(records),
  };
}
