import { type Command, Option } from 'commander';
import { type DemoOptions, demo } from '../demo';
import { interruptible } from '../interrupt';
import { integer, positive, side } from '../parse';
import { photoNames } from '../photo';
import { defaultTask, demoDefaults, tasks } from '../tasks';
import { backendOption, modelText, taskList } from './shared';

/** `spgd demo`. */
export function addDemo(program: Command): void {
  const { size, seed } = demoDefaults;
  const photos = photoNames.join(', ');
  program
    .command('demo')
    .description('degrade a photo, restore it, and write both into one picture')
    .option('--photo <path>', `an image file, or one of ${photos}`, photoNames[0])
    .addOption(
      new Option('--task <name>', 'what to undo; see below')
        .choices(Object.keys(tasks))
        .default(defaultTask),
    )
    .option(
      '--size <pixels>',
      'height and width to work at, a multiple of 4 from 16 to 256',
      side,
      size,
    )
    .option('--sampler <name>', 'how to sample: spgd, spgd:NAME or NAME', 'spgd')
    .option('--steps <n>', 'diffusion steps, >= 1 (default: set by the task)', integer(1))
    .option(
      '--warmup-steps <n>',
      'gradients before each step, >= 0 (default: set by the task)',
      integer(0),
    )
    .option(
      '--learning-rate <x>',
      'size of a gradient step, > 0 (default: set by the task)',
      positive,
    )
    .option(
      '--seed <n>',
      'any integer; the same seed gives the same picture',
      integer(-Infinity),
      seed,
    )
    .addOption(backendOption())
    .option('--model <url-or-path>', modelText)
    .option('--out <file>', 'picture to write: .png, .jpg, .webp or .tiff', 'spgd-demo.png')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action((options: DemoOptions) => interruptible((signal) => demo(options, signal)));
}
