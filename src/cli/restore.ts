import { type Command, Option } from 'commander';
import { interruptibleGently } from './interrupt';
import { photoNames } from './photo';
import type { RestoreOptions } from './restore/restore-options';
import { restorePhotos } from './restore/restore-photos';
import { flag, heightByWidth, integer, notNegative, positive } from './rules';
import { backendOption, modelText, taskList, taskOption, withSampler } from './shared-options';

/** `spgd restore`. */
export function addRestore(program: Command): void {
  const command = program
    .command('restore')
    .description('restore a damaged photo')
    .argument('<photos...>', `image files, or ${photoNames.join(', ')}`)
    .option(
      '--simulate',
      'take the photo for clean: degrade it by --task, restore it, and rate the result',
    )
    .addOption(
      taskOption('what to undo (default: what the options below describe, else what is seen)'),
    )
    .option('--mask <file>', 'picture as large as the photo: what is painted in it is missing')
    .option(
      '--kernel <file>',
      'the streak that a point of light left, with the point at its centre: a picture, white on black, or .json with rows; auto looks for the blur in the photo',
    )
    .option('--blur-std <pixels>', 'standard deviation of the blur, > 0', flag(positive))
    .option(
      '--blur-radius <pixels>',
      'radius of the disc of a lens out of focus, > 0',
      flag(positive),
    )
    .option(
      '--scale <n>',
      'how many times smaller (or brighter) the photo is, >= 2',
      flag(integer(2)),
    )
    .option(
      '--noise-std <std>',
      'standard deviation of the noise on the [-1, 1] scale, >= 0 (default: estimated)',
      flag(notNegative),
    )
    .option('--size <HxW>', 'resize the photo first, such as 256x320', flag(heightByWidth))
    .option('--grayscale', 'restore the luminance only')
    .option('--max-pixels <n>', 'largest photo, mask or kernel in pixels', flag(integer(1)), 40e6)
    .option('--keep-gps', 'keep the place in the EXIF of the photo; all else there is kept anyway');
  withSampler(command, 0)
    .option(
      '--sigma-max <x>',
      'first noise level, > 0 (default: set by task and model)',
      flag(positive),
    )
    .option(
      '--samples <n>',
      'samples to draw, from the seeds seed, seed + 1, …: writes their mean, a map of their standard deviation and a report',
      flag(integer(1)),
      1,
    )
    .addOption(
      new Option('--keep <what>', 'of several samples: their mean, or all as well')
        .choices(['mean', 'all'])
        .default('mean'),
    )
    .option('--model <url-or-path>', modelText)
    .addOption(backendOption())
    .option(
      '--workers <n>',
      'threads (default: the number of cores on wasm, else 1)',
      flag(integer(1)),
    )
    .option(
      '--tile <pixels>',
      'side of a tile (default: what the model was trained at)',
      flag(integer(8)),
    )
    .option('--batch <n>', 'tiles at once in each thread (default: 4 of 64 x 64)', flag(integer(1)))
    .option(
      '--out <file>',
      'file to write, or a folder for several photos (default: beside the photo)',
    )
    .option('--dry-run', 'look at the photo, print what is found as JSON, and restore nothing')
    .option('--json', 'print the result as JSON on stdout, all else on stderr')
    .option('--yes', 'start a long job, or an unfinished one again, without asking')
    .option('--resume', 'continue an unfinished run')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action((photos: string[], options: RestoreOptions) =>
      interruptibleGently((signal) => restorePhotos(photos, options, signal)),
    );
}
