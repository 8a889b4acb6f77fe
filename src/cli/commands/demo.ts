import { type Command, Option } from 'commander';
import { defaultTask, demoDefaults, tasks } from '../../tasks/tasks';
import { type DemoOptions, demo } from '../demo';
import { interruptible } from '../interrupt';
import { side } from '../parse';
import { photoNames } from '../photo';
import { backendOption, modelText, taskList, withSampler } from './shared';

/** `spgd demo`. */
export function addDemo(program: Command): void {
  const { size, seed } = demoDefaults;
  const photos = photoNames.join(', ');
  const command = program
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
    );
  withSampler(command, seed)
    .addOption(backendOption())
    .option('--model <url-or-path>', modelText)
    .option('--out <file>', 'picture to write: .png, .jpg, .webp or .tiff', 'spgd-demo.png')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action((options: DemoOptions) => interruptible((signal) => demo(options, signal)));
}
