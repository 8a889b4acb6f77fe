import { Command, Option } from 'commander';
import packageJson from '../../../package.json';
import {
  type ConvertBkseCommandOptions,
  type ConvertCommandOptions,
  type ConvertLpipsCommandOptions,
  convert,
  convertBkseFile,
  convertLpipsFiles,
} from './convert';
import { type DemoOptions, demo } from './demo';
import { evaluate, readConfigFile, sayOutcome } from './evaluate';
import { mergeFolders } from './evaluate/merge';
import { evaluateKeys, flagOf, type GivenOptions } from './evaluate/options';
import { writeReport } from './evaluate/report';
import { type InfoOptions, info } from './info';
import { interruptible, interruptibleGently } from './interrupt';
import { heightByWidth, integer, notNegative, positive, side } from './parse';
import { photoNames } from './photo';
import { restore } from './restore';
import type { RestoreOptions } from './restore/restore-options';
import { defaultTask, demoDefaults, tasks } from './tasks';
import { type WorkerOptions, worker } from './worker';

/** Flags of `spgd evaluate`. */
type EvaluateFlags = GivenOptions & { readonly config?: string };

const backendOption = () =>
  new Option('--backend <name>', 'backend of TensorFlow.js')
    .choices(['auto', 'tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'])
    .default('auto');

const modelText =
  'model.json or its folder: a path, file:// or https:// (default: the bundled prior)';

const taskList = Object.entries(tasks)
  .map(([name, { summary }]) => `  ${name.padEnd(18)} ${summary}`)
  .join('\n');

function addDemo(program: Command): void {
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

function addRestore(program: Command): void {
  program
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
    .option('--grayscale', 'take the luminance of the photo')
    .option('--sampler <name>', 'how to sample: spgd, spgd:NAME or NAME', 'spgd')
    .option('--steps <n>', 'diffusion steps, >= 1 (default: set by task and model)', integer(1))
    .option(
      '--warmup-steps <n>',
      'gradients before each step, >= 0 (default: as above)',
      integer(0),
    )
    .option('--learning-rate <x>', 'size of a gradient step, > 0 (default: as above)', positive)
    .option('--sigma-max <x>', 'first noise level, > 0 (default: as above)', positive)
    .option(
      '--seed <n>',
      'any integer; the same seed gives the same picture',
      integer(-Infinity),
      0,
    )
    .option('--runs <n>', 'pictures to draw, with the seeds seed, seed + 1, …', integer(1), 1)
    .option('--model <url-or-path>', modelText)
    .addOption(backendOption())
    .option('--workers <n>', 'threads (default: the number of cores on wasm, else 1)', integer(1))
    .option(
      '--tile <pixels>',
      'side of a tile (default: what the model was trained at)',
      integer(8),
    )
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

/** Options of every kind of conversion. */
const addConversion = (command: Command, size: string): Command =>
  command
    .requiredOption('--out <folder>', 'folder to write: new, empty, or an old model to replace')
    .addOption(
      new Option('--dtype <name>', 'how filters and matrices are stored')
        .choices(['float32', 'float16'])
        .default('float32'),
    )
    .option(
      '--size <HxW>',
      `height and width of the graph, such as 256x320 (default: ${size})`,
      heightByWidth,
    );

function addConvert(program: Command): void {
  const convertCommand = program
    .command('convert')
    .description('turn PyTorch checkpoints into a TensorFlow.js model')
    .addHelpText('after', "\nWithout a kind: 'unet'. Nothing in a checkpoint is executed.");
  const checkpoint = ['<checkpoint>', 'a .pt, .pth or .safetensors file'] as const;
  const unet = convertCommand
    .command('unet', { isDefault: true })
    .description('a guided-diffusion U-Net: a prior')
    .argument(...checkpoint)
    .addOption(
      new Option('--preset <name>', 'a network whose settings are known')
        .choices(['ffhq256', 'imagenet256'])
        .conflicts('config'),
    )
    .option('--config <file>', "JSON with the settings in guided-diffusion's own keys")
    .option('--presets <file>', 'JSON with settings tuned for this model: task, sampler, options');
  addConversion(unet, 'that of the settings').action(
    (input: string, options: ConvertCommandOptions) =>
      interruptible((signal) => convert(input, options, signal)),
  );
  const lpips = convertCommand
    .command('lpips')
    .description('the perceptual metric LPIPS, version 0.1')
    .addOption(
      new Option('--net <name>', 'whose features are compared')
        .choices(['squeeze', 'alex', 'vgg'])
        .makeOptionMandatory(),
    )
    .requiredOption('--backbone <file>', "torchvision's squeezenet1_1, alexnet or vgg16")
    .option('--heads <file>', "LPIPS' squeeze.pth, alex.pth or vgg.pth (default: the backbone)");
  addConversion(lpips, '256x256').action((options: ConvertLpipsCommandOptions) =>
    interruptible((signal) => convertLpipsFiles(options, signal)),
  );
  const bkse = convertCommand
    .command('bkse')
    .description('the network of the nonlinear blur, such as GOPRO_wVAE.pth')
    .argument(...checkpoint);
  addConversion(bkse, '256x256').action((input: string, options: ConvertBkseCommandOptions) =>
    interruptible((signal) => convertBkseFile(input, options, signal)),
  );
}

function addInfo(program: Command): void {
  program
    .command('info')
    .description('print the backend and why, the versions, and what a model says of itself')
    .argument('[model]', modelText)
    .addOption(backendOption())
    .action((model: string | undefined, options: InfoOptions) =>
      interruptible(() => info(model, options)),
    );
}

function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('restore a folder of photos by every task, rate the results, write a report')
    .argument('[folder]', 'folder of photos, or --photos');
  for (const key of evaluateKeys) command.addOption(flagOf(key));
  command
    .option('--config <file>', 'JSON or YAML with any of these options; flags come before it')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action(async (photos: string | undefined, { config, ...flags }: EvaluateFlags) => {
      const file = config === undefined ? {} : await readConfigFile(config);
      const given = { ...file, ...flags, ...(photos === undefined ? {} : { photos }) };
      await interruptible((signal) => evaluate(given, signal));
    });
}

function addWorker(program: Command): void {
  const command = program
    .command('worker')
    .description('work on a folder that spgd evaluate has begun, or for its queue')
    .argument('[folder]', 'folder of an evaluation, which other processes may work on as well');
  const keys = ['queue', 'photos', 'model', 'metric', 'shard', 'gpu'] as const;
  for (const key of keys) command.addOption(flagOf(key));
  command
    .option(
      '--lock <seconds>',
      'with --queue: silence after which another worker takes over; longer than a network pass',
      positive,
      60,
    )
    .action((folder: string | undefined, options: WorkerOptions) =>
      interruptible((signal) => worker(folder, options, signal)),
    );
}

function addMerge(program: Command): void {
  program
    .command('merge')
    .description('join the parts of an evaluation that --shard made, and write its report')
    .argument('<folders...>', 'folders of the parts')
    .requiredOption('--out <folder>', 'folder to write')
    .action(async (folders: string[], { out }: { out: string }) => {
      await mergeFolders(folders, out);
      sayOutcome(out, await writeReport(out));
    });
}

/** The `spgd` command; it throws instead of ending the process. */
export function spgdProgram(): Command {
  const program = new Command('spgd')
    .description(packageJson.description)
    .version(packageJson.version)
    .option('--debug', 'print the stack of an error')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'spgd: ')),
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 failure, 2 wrong usage or input, 130 Ctrl-C');
  for (const add of [addDemo, addRestore, addEvaluate, addWorker, addMerge, addConvert, addInfo])
    add(program);
  return program;
}
