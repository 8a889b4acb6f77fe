import { join } from 'node:path';
import type { Evaluation } from './evaluation';
import { exists, writeJson } from './files';
import type { Photo } from './photos';
import { type Group, pathOf, photoId, seedsOf } from './plan';

/** What is known of an item after a step. */
export interface StepRecord {
  readonly sigma: number;
  /** Root mean square of `A(denoised) - y`. */
  readonly dataError?: number;
  /** PSNR of the estimate of the clean image. */
  readonly psnr: number;
  /** Angle to the likelihood gradient of the step before, in degrees, where there are two. */
  readonly gradientAngle?: number;
}

/** What is known of an item that was done: a photo, degraded by a task, restored in a run. */
export interface ItemRecord {
  readonly photo: string;
  readonly index: number;
  readonly task: string;
  readonly run: number;
  readonly seeds: ReturnType<typeof seedsOf>;
  /** Why the photo could not be read. */
  readonly unreadable?: string;
  /** How the run diverged, and what to change. */
  readonly diverged?: string;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly steps?: readonly StepRecord[];
  /** Wall-clock time of the batch, by the items in it: the one value that is never the same twice. */
  readonly seconds?: number;
}

/** Where an item of a group goes. */
export interface Place {
  readonly folder: string;
  readonly evaluation: Evaluation;
  readonly group: Group;
}

const recordPath = (folder: string, { task, run }: Group, photo: Photo): string =>
  join(folder, pathOf.record(task, photoId(photo), run));

/** Writes the record of an item, which says that it is done. */
export function writeRecord(
  { folder, evaluation, group }: Place,
  photo: Photo,
  outcome: Partial<ItemRecord>,
): Promise<void> {
  const { task, run } = group;
  const { name, index } = photo;
  const seeds = seedsOf(evaluation.config.seed, index, run);
  const record: ItemRecord = { photo: name, index, task, run, seeds, ...outcome };
  return writeJson(recordPath(folder, group, photo), record);
}

/** Whether all items of a group are done. */
export async function isDone(folder: string, group: Group): Promise<boolean> {
  for (const photo of group.photos)
    if (!(await exists(recordPath(folder, group, photo)))) return false;
  return true;
}
