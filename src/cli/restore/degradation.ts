import {
  type ForwardOperator,
  gaussianBlur,
  highDynamicRange,
  motionBlur,
  superResolution,
} from 'spgd';
import { type Size, tasks } from '../../tasks/tasks';
import { type RestoreOptions, usageError } from './restore-options';

/** The options that describe a damage, and the tasks each belongs to. */
const belongs: Readonly<Record<string, readonly string[]>> = {
  mask: ['inpainting', 'inpainting_rand'],
  kernel: ['motion_blur'],
  blurStd: ['gaussian_blur'],
  scale: ['down_sampling', 'hdr'],
};

const flags: Readonly<Record<string, string>> = { blurStd: 'blur-std' };

const given = (options: RestoreOptions): string[] =>
  Object.keys(belongs).filter((name) => options[name as keyof RestoreOptions] !== undefined);

/** What is to be undone: as said, or as the options that describe the damage tell. */
export function taskOf(options: RestoreOptions): string {
  const names = given(options);
  const [first] = names;
  const task = options.task ?? (first && belongs[first]![0]!);
  if (!task)
    throw usageError(
      'what happened to the photo? Give --task, or --mask, --kernel, --scale or --blur-std',
    );
  for (const name of names)
    if (!belongs[name]!.includes(task))
      throw usageError(
        `--${flags[name] ?? name} belongs to ${belongs[name]!.join(', ')}, not to ${task}`,
      );
  return task;
}

/** What must be said of a photo that is degraded already. */
const required: Readonly<Record<string, readonly [name: keyof RestoreOptions, why: string]>> = {
  inpainting: ['mask', '--mask: a picture as large as the photo with what is missing painted'],
  inpainting_rand: ['mask', '--mask: a picture as large as the photo with what is missing painted'],
  motion_blur: ['kernel', '--kernel: how the camera moved, as a picture or as JSON'],
  gaussian_blur: ['blurStd', '--blur-std: how wide the blur is, in pixels'],
};

/** Checks that a degraded photo comes with a description of its damage. */
export function checkDescribed(task: string, options: RestoreOptions): void {
  if (task === 'phase_retrieval')
    throw usageError('phase_retrieval measures no photo; leave out --measurement to simulate it');
  const [name, why] = required[task] ?? [];
  if (name && options[name] === undefined)
    throw usageError(`${task} of a photo that is degraded already needs ${why}`);
}

const blurOf = (std: number) => gaussianBlur({ kernelSize: 2 * Math.ceil(4 * std) + 1, std });

/** The operator of a task for an image of this size, with what the user said of it. */
export function operatorFor(
  task: string,
  size: Size,
  { scale, blurStd, seed }: RestoreOptions,
  kernel?: number[][],
): ForwardOperator {
  const own: Readonly<Record<string, () => ForwardOperator | undefined>> = {
    down_sampling: () => (scale === undefined ? undefined : superResolution({ scale })),
    hdr: () => (scale === undefined ? undefined : highDynamicRange({ scale })),
    gaussian_blur: () => (blurStd === undefined ? undefined : blurOf(blurStd)),
    motion_blur: () => kernel && motionBlur({ kernel }),
  };
  return own[task]?.() ?? tasks[task]!.operator(size, seed);
}

/** Says so where an image is too small for a blur, or does not divide. */
export function checkFits(
  task: string,
  { height, width }: Size,
  { scale = 4, blurStd, measurement }: RestoreOptions,
  kernel?: number[][],
): void {
  const side = kernel?.length ?? (blurStd === undefined ? 0 : 2 * Math.ceil(4 * blurStd) + 1);
  if (side / 2 >= Math.min(height, width))
    throw usageError(
      `a blur of ${side} x ${side} pixels is too large for a photo of ${width} x ${height}: ` +
        'cut the kernel, or check that it belongs to this photo',
    );
  if (task !== 'down_sampling' || measurement) return;
  if (height % scale || width % scale) {
    const [h, w] = [height, width].map((length) => Math.max(scale, length - (length % scale)));
    throw usageError(
      `--scale ${scale} must divide the photo, ${width} x ${height}: add --size ${h}x${w}`,
    );
  }
}
