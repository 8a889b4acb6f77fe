import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BackendName } from 'spgd/node';
import { type Quality, qualities, taskName, tasks } from 'spgd/tasks';
import { flag, integer, positive } from './rules';

/** What `--backend` takes. */
export const backendNames: readonly (BackendName | 'auto')[] = [
  'auto',
  'tfjs-node-gpu',
  'tfjs-node',
  'webgpu',
  'wasm',
  'cpu',
];

/** `--backend`, of every command that computes. */
export const backendOption = (): Option =>
  new Option('--backend <name>', 'backend of TensorFlow.js').choices(backendNames).default('auto');

/** Reads the name of a task, also as the released code spells it. */
function readTask(text: string): string {
  const name = taskName(text);
  if (Object.hasOwn(tasks, name)) return name;
  throw new InvalidArgumentError(`Allowed choices are ${Object.keys(tasks).join(', ')}.`);
}

/** `--task`, of every command that restores one. */
export const taskOption = (text: string): Option =>
  new Option('--task <name>', text).argParser(readTask);

/** What `--model` takes. */
export const modelText =
  'light or prior64, which are bundled; model.json or its folder: a path, file:// or https://; or hf:owner/name';

/** The tasks and what they are, for help texts. */
export const taskList = Object.values(tasks)
  .map(({ name, summary }) => `  ${name.padEnd(20)} ${summary}`)
  .join('\n');

/** Adds the options of a sampler; the task and the model set those that are left out. */
export const withSampler = (
  command: Command,
  seed: number,
  quality: Quality = 'balanced',
): Command =>
  command
    .addOption(
      new Option('--quality <level>', 'how long it may take').choices(qualities).default(quality),
    )
    .option('--sampler <name>', 'spgd, spgd:NAME or NAME, in place of what --quality takes')
    .option(
      '--steps <n>',
      'diffusion steps, >= 1 (default: set by task and model)',
      flag(integer(1)),
    )
    .option(
      '--warmup-steps <n>',
      'gradients before each step, >= 0 (default: as above)',
      flag(integer(0)),
    )
    .option(
      '--learning-rate <x>',
      'size of a gradient step, > 0 (default: as above)',
      flag(positive),
    )
    .option(
      '--seed <n>',
      'any integer; the same seed gives the same picture',
      flag(integer(-Infinity)),
      seed,
    );

/** What a command restores with: the sampler named, or the level of quality. */
export interface MethodOptions {
  readonly quality: Quality;
  readonly sampler?: string;
  readonly warmupSteps?: number;
  readonly learningRate?: number;
}

/** The sampler of the options, as `chooseSettings` takes it; options of SPGD ask for SPGD. */
export const methodNamed = ({
  quality,
  sampler,
  warmupSteps,
  learningRate,
}: MethodOptions): string =>
  sampler ?? (warmupSteps === undefined && learningRate === undefined ? quality : 'spgd');

/** The bundled prior of each level of quality. */
const priors = {
  fast: 'light',
  balanced: 'prior64',
  best: 'prior64',
} as const satisfies Record<Quality, string>;

/** Tasks in which the light prior is the better one at any level, and at `balanced` (docs/results.md). */
const lightTasks: readonly string[] = [
  'jpeg',
  'high-dynamic-range',
  'phase-retrieval',
  'random-inpainting',
  'box-inpainting',
];
// Noise is 0.3 dB worse, in a third of the time.
const lightWhenBalanced: readonly string[] = ['denoising', 'gaussian-blur'];

/** The prior of the options: the one named, or that of the task and the level of quality. */
export const priorNamed = (
  { model, quality }: Pick<MethodOptions, 'quality'> & { readonly model?: string },
  task: string,
): string => {
  const isLight =
    lightTasks.includes(task) || (quality === 'balanced' && lightWhenBalanced.includes(task));
  return model ?? (isLight ? 'light' : priors[quality]);
};
