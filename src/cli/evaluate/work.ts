import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { claim } from './claim';
import type { Evaluation } from './evaluation';
import { inFolder } from './files';
import { isDone } from './item-record';
import { type Group, pathOf } from './plan';
import { restoreGroup } from './restore-group';

/** What a worker is told. */
export interface WorkOptions {
  readonly signal?: AbortSignal;
  /** Called with the id of each group that is done, whoever did it. */
  onDone?(id: string): void;
}

/** Does one group unless it is done; false where another process is at it. */
async function attempt(
  folder: string,
  evaluation: Evaluation,
  group: Group,
  signal?: AbortSignal,
): Promise<boolean> {
  if (await isDone(folder, group)) return true;
  const release = await claim(await inFolder(join(folder, pathOf.claim(group.id))));
  if (!release) return false;
  try {
    if (!(await isDone(folder, group))) await restoreGroup(folder, evaluation, group, signal);
  } finally {
    await release();
  }
  return true;
}

/**
 * Does all groups of a folder, together with every other process that does the same: a group that
 * another one claimed is passed over, and looked at again at the end.
 */
export async function workOn(
  folder: string,
  evaluation: Evaluation,
  groups: readonly Group[],
  { signal, onDone }: WorkOptions = {},
): Promise<void> {
  let left = groups;
  while (left.length > 0) {
    const busy: Group[] = [];
    for (const group of left) {
      signal?.throwIfAborted();
      if (await attempt(folder, evaluation, group, signal)) onDone?.(group.id);
      else busy.push(group);
    }
    if (busy.length === left.length) await wait(500, undefined, { signal });
    left = busy;
  }
}
