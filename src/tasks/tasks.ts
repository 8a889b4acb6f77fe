import { colorizationTask } from './colorization';
import { defocusBlurTask } from './defocus-blur';
import { demosaicingTask } from './demosaicing';
import { denoisingTask } from './denoising';
import { gaussianBlurTask } from './gaussian-blur';
import { highDynamicRangeTask } from './high-dynamic-range';
import { boxInpaintingTask, randomInpaintingTask } from './inpainting';
import { jpegTask } from './jpeg';
import { motionBlurTask } from './motion-blur';
import { phaseRetrievalTask } from './phase-retrieval';
import { superResolutionTask } from './super-resolution';
import type { Task } from './task';

const all: readonly Task[] = [
  superResolutionTask,
  randomInpaintingTask,
  boxInpaintingTask,
  gaussianBlurTask,
  defocusBlurTask,
  motionBlurTask,
  phaseRetrievalTask,
  highDynamicRangeTask,
  denoisingTask,
  jpegTask,
  colorizationTask,
  demosaicingTask,
];

/** The tasks that need no network but the prior, by their names. */
export const tasks: Readonly<Record<string, Task>> = Object.fromEntries(
  all.map((task) => [task.name, task]),
);

/** Names of the released code that differ in more than their underscores. */
const aliases: Readonly<Record<string, string>> = {
  down_sampling: 'super-resolution',
  inpainting_rand: 'random-inpainting',
  inpainting: 'box-inpainting',
  hdr: 'high-dynamic-range',
};

/**
 * The name of a task from a name of the released code: `gaussian_blur` is `gaussian-blur`, `hdr` is
 * `high-dynamic-range`. Other names stay as they are.
 */
export const taskName = (name: string): string =>
  Object.hasOwn(aliases, name) ? aliases[name]! : name.replaceAll('_', '-');
