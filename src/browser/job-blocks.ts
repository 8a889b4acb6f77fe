import type { Tile } from 'spgd';
import {
  around,
  type Block,
  blocksOf,
  type DamageMap,
  hasDamage,
  regionsOf,
  regionWindows,
} from 'spgd/tasks';
import type { PhotoJob, PhotoSettings } from './photo-job';

/** The parts of a job, in pixels of its photo. */
export interface JobBlocks {
  /** What changes, at most. */
  readonly box: Tile;
  /** How many times larger the result is. */
  readonly scale: number;
  readonly blocks: readonly Block[];
}

/** Largest side of a core in pixels of the result: with its margin, two tiles of 256 cover it. */
const largest = 416;

/** Surroundings that the network looks at, in pixels of the result. */
const context = 32;

/** How many times larger the result is than the photo. */
export const scaleOf = ({ task, scale = 2 }: PhotoSettings): number =>
  task === 'enlarge' ? scale : 1;

/** How far the operator of a task looks, in pixels of the result. */
function reachOf({ task, scale = 2, blurStd = 1.5 }: PhotoSettings): number {
  if (task === 'deblur') return Math.ceil(4 * blurStd);
  return task === 'enlarge' ? 3 * scale : 0;
}

const wholeOf = ({ photo: { height, width } }: PhotoJob): Tile => ({
  top: 0,
  left: 0,
  height,
  width,
});

/** A rectangle grown by a margin, inside a photo. */
export function grown(tile: Tile, margin: number, photo: { height: number; width: number }): Tile {
  const [top, left] = [Math.max(0, tile.top - margin), Math.max(0, tile.left - margin)];
  const bottom = Math.min(photo.height, tile.top + tile.height + margin);
  const right = Math.min(photo.width, tile.left + tile.width + margin);
  return { top, left, height: bottom - top, width: right - left };
}

/** The painted pixels inside a rectangle, as a map of the whole photo. */
function within(mask: Uint8Array, box: Tile, { height, width }: PhotoJob['photo']): DamageMap {
  const missing = new Uint8Array(height * width);
  for (let row = box.top; row < box.top + box.height; row++) {
    const from = row * width + box.left;
    missing.set(mask.subarray(from, from + box.width), from);
  }
  return { missing, height, width };
}

/** What is painted in the region of a job; undefined where nothing limits it. */
export const paintedOf = (job: PhotoJob): DamageMap | undefined =>
  job.mask && within(job.mask, job.region ?? wholeOf(job), job.photo);

/**
 * The blocks of a job, each with the surroundings that its operator and the network look at. Only
 * blocks with something to restore are listed.
 *
 * @throws RangeError where nothing is to be restored, or the region leaves the photo.
 */
export function blocksOfJob(job: PhotoJob, painted = paintedOf(job)): JobBlocks {
  const { photo, task } = job;
  const region = job.region ?? wholeOf(job);
  const fits = grown(region, 0, photo);
  if (fits.height !== region.height || fits.width !== region.width)
    throw new RangeError(
      `restore: region must lie inside the photo of ${photo.width} x ${photo.height}, got ${JSON.stringify(region)}`,
    );
  const scale = scaleOf(job);
  if (task === 'repair') {
    const blocks = painted ? regionsOf(painted, { ...regionWindows(256), largest }) : [];
    if (blocks.length === 0)
      throw new RangeError('restore: mask must mark what is missing, got nothing');
    return { box: blocks.map(({ core }) => core).reduce(around), scale, blocks };
  }
  const margin = Math.ceil((2 * reachOf(job) + context) / scale);
  const cores = blocksOf([region.height, region.width], {
    largest: Math.floor(largest / scale),
    margin: 0,
  })
    .map(({ core }) => ({ ...core, top: region.top + core.top, left: region.left + core.left }))
    .filter((core) => !painted || hasDamage(painted, core));
  if (cores.length === 0) throw new RangeError('restore: mask must mark something, got nothing');
  const blocks = cores.map((core) => ({ core, window: grown(core, margin, photo) }));
  return { box: cores.reduce(around), scale, blocks };
}
