import * as tf from '@tensorflow/tfjs';
import type { Command } from 'commander';
import { estimateMemory, type LoadedDenoiser, loadDenoiser, type ModelMetadata } from 'spgd';
import { type BackendName, useBackend } from 'spgd/node';
import packageJson from '../../package.json';
import { interruptible } from './interrupt';
import { modelSource } from './model-source';
import { say } from './one-line';
import { flag, heightByWidth, integer } from './rules';
import { backendOption, modelText } from './shared-options';

/** Options of `spgd info`, as the command line gives them. */
interface InfoOptions {
  readonly backend: BackendName | 'auto';
  /** Of the images whose memory is estimated; those of the model by default. */
  readonly size?: readonly [height: number, width: number];
  readonly batch: number;
}

type Row = readonly [name: string, value: string];

function modelRows({ metadata, imageShape, multipleOf }: LoadedDenoiser): Row[] {
  if (!metadata) return [['model', 'a graph model without metadata of spgd']];
  const { preconditioning, size, config } = metadata;
  const numbers = Object.entries(preconditioning).filter(([key]) => key !== 'name');
  const parameters = numbers
    .map(([key, value]) => `${key} ${Array.isArray(value) ? `of ${value.length} steps` : value}`)
    .join(', ');
  const keys = Object.entries(config).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  const sizes = imageShape?.slice(0, 2).map((one) => one ?? 'any') ?? ['any', 'any'];
  const { weights, origin, license, trainingSize } = metadata;
  const taken = weights && `${weights.averaged ? 'averages' : 'those'} under ${weights.key}`;
  return [
    ['architecture', metadata.architecture],
    ...(origin ? [['origin', `${origin.name}/${origin.file} at ${origin.revision}`] as const] : []),
    ['licence', license === undefined ? 'not stated' : `${license}, as its author states it`],
    ...(taken ? [['weights', taken] as const] : []),
    ...(trainingSize ? [['trained on', `images of ${trainingSize.join(' x ')}`] as const] : []),
    ['parameters', metadata.parameterCount.toLocaleString('en')],
    ['plain graph for', size.join(' x ')],
    ['takes sizes', `${sizes.join(' x ')}, multiples of ${multipleOf ?? 1}`],
    ['preconditioning', `${preconditioning.name} (${parameters})`],
    ['dtype', metadata.dtype],
    ['config', keys.join(', ')],
  ];
}

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/** What one gradient takes, or why it does not fit. */
async function memoryRow(
  metadata: ModelMetadata,
  { size = metadata.size, batch }: InfoOptions,
): Promise<Row> {
  const label = `${batch} x ${size.join(' x ')}`;
  try {
    const estimate = await estimateMemory(metadata, [batch, ...size, 3]);
    const { weights, least, budget, kept, total } = estimate;
    const parts = `weights ${gigabytes(weights)}, least ${gigabytes(least)}`;
    const budgeted = `activations kept ${gigabytes(budget)} of ${gigabytes(kept)}`;
    return [
      'memory, about',
      `${gigabytes(total)} for ${label}, besides the process: ${parts}, ${budgeted}`,
    ];
  } catch (error) {
    return ['memory, about', `${label} does not fit: ${(error as Error).message}`];
  }
}

/** Prints the backend and why it was chosen, the versions, and what is known of a model. */
async function info(model: string | undefined, options: InfoOptions): Promise<void> {
  const { name, reason, device } = await useBackend(options.backend);
  print([
    ['spgd', packageJson.version],
    ['TensorFlow.js', tf.version['tfjs-core']],
    ['Node', `${process.versions.node} on ${process.platform}-${process.arch}`],
    ['backend', `${name} (${reason})`],
    ...(device ? [['device', device] as const] : []),
    ['model', model ?? 'the bundled prior'],
  ]);
  const denoiser = await loadDenoiser(modelSource(model));
  const { metadata } = denoiser;
  print(modelRows(denoiser));
  denoiser.dispose();
  if (metadata) print([await memoryRow(metadata, options)]);
}

function print(rows: readonly Row[]): void {
  for (const [label, value] of rows) say(`${label.padEnd(16)}${value}`);
}

/** `spgd info`. */
export function addInfo(program: Command): void {
  program
    .command('info')
    .description('print the backend and why, the versions, and what is known of a model')
    .argument('[model]', modelText)
    .addOption(backendOption())
    .option('--size <HxW>', 'size of the images whose memory is estimated', flag(heightByWidth))
    .option('--batch <n>', 'how many of them at once', flag(integer(1)), 1)
    .action((model: string | undefined, options: InfoOptions) =>
      interruptible(() => info(model, options)),
    );
}
