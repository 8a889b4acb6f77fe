import { Command, Option } from 'commander';
import packageJson from '../../../package.json';
import { type ConvertCommandOptions, convert } from './convert';
import { type DemoOptions, demo } from './demo';
import { evaluate, readConfigFile, sayOutcome } from './evaluate';
import { mergeFolders } from './evaluate/merge';
import { evaluateKeys, flagOf, type GivenOptions } from './evaluate/options';
import { writeReport } from './evaluate/report';
import { type InfoOptions, info } from './info';
import { interruptible } from './interrupt';
import { heightByWidth, integer, positive, side } from './parse';
import { photoNames } from './photo';
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

function addConvert(program: Command): void {
  program
    .command('convert')
    .description('turn a PyTorch checkpoint of a guided-diffusion U-Net into a TensorFlow.js model')
    .argument('<checkpoint>', 'a .pt, .pth or .safetensors file')
    .addOption(
      new Option('--preset <name>', 'a network whose settings are known')
        .choices(['ffhq256', 'imagenet256'])
        .conflicts('config'),
    )
    .option('--config <file>', "JSON with the settings in guided-diffusion's own keys")
    .requiredOption('--out <folder>', 'folder to write: new, empty, or an old model to replace')
    .addOption(
      new Option('--dtype <name>', 'how filters and matrices are stored')
        .choices(['float32', 'float16'])
        .default('float32'),
    )
    .option(
      '--size <HxW>',
      'height and width of the graph, such as 256x320 (default: that of the settings)',
      heightByWidth,
    )
    .option('--presets <file>', 'JSON with settings tuned for this model: task, sampler, options')
    .action((input: string, options: ConvertCommandOptions) =>
      interruptible((signal) => convert(input, options, signal)),
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
  for (const add of [addDemo, addEvaluate, addWorker, addMerge, addConvert, addInfo]) add(program);
  return program;
}
