import { Option } from 'commander';
import { tasks } from '../tasks';

/** `--backend`, of every command that computes. */
export const backendOption = () =>
  new Option('--backend <name>', 'backend of TensorFlow.js')
    .choices(['auto', 'tfjs-node-gpu', 'tfjs-node', 'webgpu', 'wasm', 'cpu'])
    .default('auto');

/** What `--model` takes. */
export const modelText =
  'model.json or its folder: a path, file:// or https:// (default: the bundled prior)';

/** The tasks and what they are, for help texts. */
export const taskList = Object.entries(tasks)
  .map(([name, { summary }]) => `  ${name.padEnd(18)} ${summary}`)
  .join('\n');
