import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { ForwardOperator } from 'spgd';
import { writeImage, writeTensors } from 'spgd/node';
import type { Task } from 'spgd/tasks';
import type { AngleTracker } from '../track-angles';
import { sizeOf } from './config';
import { inFolder } from './files';
import type { Place } from './item-record';
import { pathOf, seedsOf } from './plan';
import type { Photo, StepRecord } from './saved';
import type { Film } from './trajectory';

/** An item on its way. */
export interface Item {
  readonly photo: Photo;
  readonly id: string;
  readonly steps: StepRecord[];
  readonly film?: Film;
}

/** One image of a batch. */
export const slice = (batch: Tensor4D, item: number): Tensor4D =>
  tf.slice(batch, [item, 0, 0, 0], [1, -1, -1, -1]);

/** A group at work. */
export interface Work extends Place {
  readonly task: Task;
  readonly operator: ForwardOperator;
  readonly items: readonly Item[];
  readonly clean: Tensor4D;
  readonly measurement: Tensor4D;
  /** Notes down the angles between gradients, where the sampler takes any. */
  readonly tracker: AngleTracker;
}

/** Keeps what the measurement was made of and came to, so that a run can be repeated from there. */
export async function keepMeasurement(work: Work): Promise<void> {
  const { folder, evaluation, group, task, operator, items, clean, measurement } = work;
  const { config } = evaluation;
  const drawn = task.drawn?.(sizeOf(config), { seed: config.seed }) ?? {};
  for (const [i, { photo, id }] of items.entries()) {
    const [x, y] = [slice(clean, i), slice(measurement, i)];
    const picture = task.picture?.(y, operator) ?? y;
    await writeImage(await inFolder(join(folder, pathOf.photo(id))), x);
    await writeImage(await inFolder(join(folder, pathOf.picture(group.task, id))), picture);
    await writeTensors(
      join(folder, pathOf.measurement(group.task, id)),
      { clean: x, measurement: y, ...drawn },
      {
        photo: photo.name,
        task: group.task,
        noise_std: String(task.noiseStd),
        seeds: JSON.stringify(seedsOf(config.seed, photo.index, 0)),
      },
    );
    tf.dispose([x, y, picture]);
  }
  tf.dispose(drawn);
}
