import { type Command, Option } from 'commander';
import { tasks } from '../../tasks/tasks';
import { type AnglesOptions, angles } from '../angles';
import { interruptible } from '../interrupt';
import { integer, side } from '../parse';
import { photoNames } from '../photo';
import { backendOption, modelText, taskList } from './shared';

/** `spgd angles`. */
export function addAngles(program: Command): void {
  program
    .command('angles')
    .description('plot the angles between likelihood and prior gradients over two runs of a task')
    .option('--photo <path>', `an image file, or one of ${photoNames.join(', ')}`, photoNames[0])
    .addOption(
      new Option('--task <name>', 'what to undo')
        .choices(Object.keys(tasks))
        .default('gaussian_blur'),
    )
    .option('--size <pixels>', 'height and width to work at', side, 64)
    .option('--sampler <name>', 'the thick curves: spgd, spgd:NAME or NAME', 'spgd')
    .option('--against <name>', 'the thin curves', 'dps')
    .option('--gradients <n>', 'gradients of each run, >= 2', integer(2), 60)
    .option('--seed <n>', 'any integer', integer(-Infinity), 0)
    .addOption(backendOption())
    .option('--model <url-or-path>', modelText)
    .option('--out <file>', 'picture to write: .svg', 'spgd-angles.svg')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action((options: AnglesOptions) => interruptible((signal) => angles(options, signal)));
}
