import * as tf from '@tensorflow/tfjs';
import { type LoadedDenoiser, loadDenoiser } from 'spgd';
import { type BackendName, useBackend } from 'spgd/node';
import packageJson from '../../../package.json';
import { modelSource } from './model-source';

/** Options of `spgd info`, as the command line gives them. */
export interface InfoOptions {
  readonly backend: BackendName | 'auto';
}

type Row = readonly [name: string, value: string];

function modelRows({ metadata, imageShape, multipleOf }: LoadedDenoiser): Row[] {
  if (!metadata) return [['model', 'a graph model without metadata of spgd']];
  const { preconditioning, size, settings } = metadata;
  const numbers = Object.entries(preconditioning).filter(([key]) => key !== 'name');
  const parameters = numbers.map(([key, value]) => `${key} ${value}`).join(', ');
  const keys = Object.entries(settings).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  const sizes = imageShape?.slice(0, 2).map((one) => one ?? 'any') ?? ['any', 'any'];
  return [
    ['architecture', metadata.architecture],
    ['parameters', metadata.parameterCount.toLocaleString('en')],
    ['plain graph for', size.join(' x ')],
    ['takes sizes', `${sizes.join(' x ')}, multiples of ${multipleOf ?? 1}`],
    ['preconditioning', `${preconditioning.name} (${parameters})`],
    ['dtype', metadata.dtype],
    ['settings', keys.join(', ')],
  ];
}

/** Prints the backend and why it was chosen, the versions, and what a model says of itself. */
export async function info(model: string | undefined, { backend }: InfoOptions): Promise<void> {
  const { name, reason, device } = await useBackend(backend);
  print([
    ['spgd', packageJson.version],
    ['TensorFlow.js', tf.version['tfjs-core']],
    ['Node', `${process.versions.node} on ${process.platform}-${process.arch}`],
    ['backend', `${name} (${reason})`],
    ...(device ? [['device', device] as const] : []),
    ['model', model ?? 'the bundled prior'],
  ]);
  const denoiser = await loadDenoiser(modelSource(model));
  print(modelRows(denoiser));
  denoiser.dispose();
}

function print(rows: readonly Row[]): void {
  for (const [label, value] of rows) console.log(`${label.padEnd(16)}${value}`);
}
