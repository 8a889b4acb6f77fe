import { createHash } from 'node:crypto';
import type { StateOrigin } from 'spgd';
import { readInput } from 'spgd/node';
import type { Settings } from 'spgd/tasks';
import packageJson from '../../../package.json';
import type { Order } from './order';
import type { Prior } from './prior';
import { methodOf, type RestoreOptions } from './restore-options';

const digest = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 16);

const digestOf = async (path: string | undefined): Promise<string> =>
  path === undefined ? 'none' : digest(await readInput(path, { purpose: 'restore' }));

/** Settings in words: `steps 20, sigmaMax 3`. */
export const settingsText = (settings: Settings): string =>
  Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** All that a saved state depends on, by the names that a refusal uses. */
export async function originOf(
  { photo, task, blurStd, blurRadius, kernel }: Order,
  seed: number,
  settings: Settings,
  backend: string,
  { denoiser, size, groupSize }: Prior,
  options: RestoreOptions,
): Promise<StateOrigin> {
  const { simulate = false, noiseStd = 'by itself', scale = 'none' } = options;
  return {
    'version of spgd': packageJson.version,
    photo: digest(new Uint8Array(photo.values.buffer)),
    mask: await digestOf(options.mask),
    kernel: kernel ? digest(JSON.stringify(kernel)) : 'none',
    task,
    simulate: String(simulate),
    'noise-std': noiseStd,
    scale,
    'blur-std': blurStd ?? 'none',
    'blur-radius': blurRadius ?? 'none',
    model: `${options.model ?? 'bundled'} ${digest(JSON.stringify(denoiser.metadata))}`,
    backend,
    sampler: methodOf(options),
    settings: settingsText(settings),
    seed,
    tile: size,
    batch: groupSize,
  };
}
