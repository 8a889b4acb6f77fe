import { join } from 'node:path';
import type { Evaluation } from './evaluation';
import { exists, writeJson } from './files';
import { type Group, pathOf, photoId, seedsOf } from './plan';
import type { ItemRecord, Photo } from './saved';

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

/** The groups of which an item is not done. */
export async function unfinished(folder: string, groups: readonly Group[]): Promise<Group[]> {
  const left: Group[] = [];
  for (const group of groups) if (!(await isDone(folder, group))) left.push(group);
  return left;
}

/** Throws an error with the list of what is not done. */
export async function checkComplete(folder: string, groups: readonly Group[]): Promise<void> {
  const left = await unfinished(folder, groups);
  if (left.length === 0) return;
  const names = left.map(({ id }) => id).join(', ');
  throw new Error(`evaluate: ${left.length} of ${groups.length} items are missing: ${names}`);
}
