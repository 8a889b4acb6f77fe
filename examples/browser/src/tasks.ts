import { tasks as sharedTasks, type Task } from 'spgd/tasks';

/** What happened to a photo. */
export type TaskName = 'repair' | 'denoise' | 'enlarge' | 'deblur' | 'exposure';

/** The methods that the page offers: levels of quality, which choose a sampler, and samplers. */
export type MethodName = 'fast' | 'balanced' | 'spgd' | 'diffpir' | 'ddrm' | 'dps';

/** A task of the page: one of the library, and the methods offered for it, the default one first. */
export interface PageTask {
  readonly task: Task;
  readonly methods: readonly MethodName[];
}

const linear: readonly MethodName[] = ['balanced', 'fast', 'spgd', 'diffpir', 'ddrm', 'dps'];

/** The tasks by what happened to the photo. */
export const tasks: Readonly<Record<TaskName, PageTask>> = {
  repair: { task: sharedTasks['box-inpainting']!, methods: linear },
  denoise: { task: sharedTasks.denoising!, methods: linear },
  enlarge: { task: sharedTasks['super-resolution']!, methods: linear },
  deblur: { task: sharedTasks['gaussian-blur']!, methods: linear },
  exposure: { task: sharedTasks['high-dynamic-range']!, methods: ['spgd', 'dps'] },
};
