import { tasks as sharedTasks, type Task } from 'spgd/tasks';

/** What happened to a photo. */
export type TaskName = 'repair' | 'denoise' | 'enlarge' | 'deblur' | 'exposure';

/** The samplers that the page offers. */
export type SamplerName = 'spgd' | 'diffpir' | 'ddrm' | 'dps';

/** A task of the page: one of the library, and the samplers offered for it, the default one first. */
export interface PageTask {
  readonly task: Task;
  readonly samplers: readonly SamplerName[];
}

const linear: readonly SamplerName[] = ['diffpir', 'spgd', 'ddrm', 'dps'];

/** The tasks by what happened to the photo. */
export const tasks: Readonly<Record<TaskName, PageTask>> = {
  repair: { task: sharedTasks['box-inpainting']!, samplers: linear },
  denoise: { task: sharedTasks.denoising!, samplers: linear },
  enlarge: { task: sharedTasks['super-resolution']!, samplers: linear },
  deblur: { task: sharedTasks['gaussian-blur']!, samplers: linear },
  exposure: { task: sharedTasks['high-dynamic-range']!, samplers: ['spgd', 'dps'] },
};
