import { type Command, Option } from 'commander';
import { tasks } from '../../tasks/tasks';
import { interruptibleGently } from '../interrupt';
import { heightByWidth, integer, notNegative, positive } from '../parse';
import { photoNames } from '../photo';
import { restore } from '../restore';
import type { RestoreOptions } from '../restore/restore-options';
import { backendOption, modelText, taskList, withSampler } from './shared';

/** `spgd restore`. */
export function addRestore(program: Command): void {
  const command = program
    .command('restore')
    .description('restore a damaged photo; or degrade a clean one and see how well it is restored')
    .argument('<photos...>', `image files, or ${photoNames.join(', ')}`)
    .option(
      '--measurement',
      'the photo is damaged already; without it, it is clean, and is degraded first',
    )
    .addOption(
      new Option('--task <name>', 'what to undo (default: what the options below tell)').choices(
        Object.keys(tasks),
      ),
    )
    .option('--mask <file>', 'picture as large as the photo: what is painted in it is missing')
    .option(
      '--kernel <file>',
      'how the camera moved: a picture, white on black, or .json with rows',
    )
    .option(
      '--blur-std <pixels>',
      'how wide the photo is blurred: standard deviation, > 0',
      positive,
    )
    .option(
      '--scale <n>',
      'how many times smaller the photo is (or over-exposed), >= 2',
      integer(2),
    )
    .option('--noise <std>', 'noise on the [-1, 1] scale, >= 0 (default: estimated)', notNegative)
    .option('--size <HxW>', 'resize the photo first, such as 256x320', heightByWidth)
    .option('--grayscale', 'take the luminance of the photo');
  withSampler(command, 0)
    .option('--sigma-max <x>', 'first noise level, > 0 (default: set by task and model)', positive)
    .option('--runs <n>', 'pictures to draw, with the seeds seed, seed + 1, …', integer(1), 1)
    .option('--model <url-or-path>', modelText)
    .addOption(backendOption())
    .option('--workers <n>', 'threads (default: the number of cores on wasm, else 1)', integer(1))
    .option(
      '--tile <pixels>',
      'side of a tile (default: what the model was trained at)',
      integer(8),
    )
    .option('--batch <n>', 'tiles at once in each thread (default: 4 of 64 x 64)', integer(1))
    .option(
      '--out <file>',
      'picture to write, or for several photos a folder (default: beside the photo)',
    )
    .option('--json', 'print the result as JSON on stdout, all else on stderr')
    .option('--yes', 'do not ask before a long job, nor before an unfinished one is begun again')
    .option('--resume', 'go on with an unfinished run')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action((photos: string[], options: RestoreOptions) =>
      interruptibleGently((signal) => restore(photos, options, signal)),
    );
}
