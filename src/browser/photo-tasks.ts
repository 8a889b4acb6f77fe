import { tasks as byName, type Task } from 'spgd/tasks';
import type { PhotoTask } from './photo-job';

/** The task of the library behind each thing that happens to a photo. */
export const photoTasks: Readonly<Record<PhotoTask, Task>> = {
  repair: byName['box-inpainting']!,
  denoise: byName.denoising!,
  enlarge: byName['super-resolution']!,
  deblur: byName['gaussian-blur']!,
  exposure: byName['high-dynamic-range']!,
};
