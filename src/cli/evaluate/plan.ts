import { basename, extname } from 'node:path';
import type { Computed, Photo } from './saved';

/** What is restored at once: some photos, degraded by one task, in one run. */
export interface Group {
  readonly id: string;
  readonly task: string;
  readonly run: number;
  readonly photos: readonly Photo[];
}

/** The name of a photo in the files of an evaluation: `00012-dog`. */
export const photoId = ({ index, name }: Pick<Photo, 'index' | 'name'>): string => {
  const plain = basename(name, extname(name)).replace(/[^\w-]+/g, '-');
  return `${String(index).padStart(5, '0')}-${plain.slice(0, 60)}`;
};

/** Paths below the folder of an evaluation. */
export const pathOf = {
  config: 'config.json',
  inputs: 'inputs.json',
  photo: (photo: string) => `photos/${photo}.png`,
  measurement: (task: string, photo: string) => `measurements/${task}/${photo}.safetensors`,
  picture: (task: string, photo: string) => `measurements/${task}/${photo}.png`,
  sample: (task: string, photo: string, run: number) => `samples/${task}/${photo}-run${run}.png`,
  trajectory: (task: string, photo: string, run: number) =>
    `samples/${task}/${photo}-run${run}.webp`,
  record: (task: string, photo: string, run: number) => `items/${task}/${photo}-run${run}.json`,
  mean: (task: string, photo: string) => `posterior/${task}/${photo}-mean.png`,
  deviation: (task: string, photo: string) => `posterior/${task}/${photo}-std.png`,
  grid: (task: string) => `grid-${task}.png`,
  claim: (group: string) => `claims/${group}.json`,
} as const;

/** The seeds of an item: they depend on the place of its photo and on its run, and on nothing else. */
export const seedsOf = (seed: number, index: number, run: number) => ({
  operator: seed,
  measurement: seed + index,
  sample: seed + index + 1_000_000 * run,
});

/** Every group of an evaluation; batches are cut by the place of a photo, whoever does the work. */
export function groupsOf(config: Computed, photos: readonly Photo[]): Group[] {
  const groups: Group[] = [];
  for (let run = 0; run < config.samples; run++)
    for (const task of config.task)
      for (let first = 0; first < photos.length; first += config.batch) {
        const chosen = photos.slice(first, first + config.batch);
        groups.push({ id: `${task}-${photoId(chosen[0]!)}-run${run}`, task, run, photos: chosen });
      }
  return groups;
}

/** The files that a group may leave, by their paths below the folder; records last, each of an item. */
export function filesOf({ trajectory }: Computed, { task, run, photos }: Group) {
  const ids = photos.map(photoId);
  const files = ids.flatMap((id) => [
    ...(run === 0
      ? [pathOf.photo(id), pathOf.picture(task, id), pathOf.measurement(task, id)]
      : []),
    pathOf.sample(task, id, run),
    ...(trajectory ? [pathOf.trajectory(task, id, run)] : []),
  ]);
  return { files, records: ids.map((id) => pathOf.record(task, id, run)) };
}

/** The k-th of n parts: every n-th group. */
export function inShard<T>(groups: readonly T[], shard?: string): readonly T[] {
  if (shard === undefined) return groups;
  const [k, n] = shard.split('/').map(Number) as [number, number];
  return groups.filter((_, i) => i % n === k - 1);
}
