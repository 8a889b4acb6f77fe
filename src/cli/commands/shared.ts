import { type Command, Option } from 'commander';
import type { BackendName } from 'spgd/node';
import { tasks } from '../../tasks/tasks';
import { integer, positive } from '../parse';

/** What a command takes as its backend. */
export const backendNames: readonly (BackendName | 'auto')[] = [
  'auto',
  'tfjs-node-gpu',
  'tfjs-node',
  'webgpu',
  'wasm',
  'cpu',
];

/** `--backend`, of every command that computes. */
export const backendOption = () =>
  new Option('--backend <name>', 'backend of TensorFlow.js').choices(backendNames).default('auto');

/** What `--model` takes. */
export const modelText =
  'model.json or its folder: a path, file:// or https:// (default: the bundled prior)';

/** The tasks and what they are, for help texts. */
export const taskList = Object.entries(tasks)
  .map(([name, { summary }]) => `  ${name.padEnd(18)} ${summary}`)
  .join('\n');

/** Adds what every restoration is told of its sampler; what is left out is set by task and model. */
export const withSampler = (command: Command, seed: number): Command =>
  command
    .option('--sampler <name>', 'how to sample: spgd, spgd:NAME or NAME', 'spgd')
    .option('--steps <n>', 'diffusion steps, >= 1 (default: set by task and model)', integer(1))
    .option(
      '--warmup-steps <n>',
      'gradients before each step, >= 0 (default: as above)',
      integer(0),
    )
    .option('--learning-rate <x>', 'size of a gradient step, > 0 (default: as above)', positive)
    .option(
      '--seed <n>',
      'any integer; the same seed gives the same picture',
      integer(-Infinity),
      seed,
    );
