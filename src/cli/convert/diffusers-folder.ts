import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readObject } from './read-config';

type Config = Readonly<Record<string, unknown>>;

/** A network of diffusers in a folder of the model hub's layout. */
export interface DiffusersFolder {
  /** The path of its weights. */
  readonly weights: string;
  readonly config: Config;
  readonly scheduler?: Config;
  /** Whether the folder holds averages of the weights, which these are. */
  readonly averaged: boolean;
}

const weightNames = [
  'diffusion_pytorch_model.safetensors',
  'diffusion_pytorch_model.bin',
  'diffusion_model.pt',
];

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** Whether a path is a folder. */
export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The first of the files that is there. */
async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isFile(path)) return path;
  return undefined;
}

/**
 * Finds config, weights and scheduler in a folder: at its root, or in `unet/` and `scheduler/`;
 * averages of the weights are in `unet_ema/`. Throws an Error that names the folder and what it lacks.
 */
export async function readDiffusersFolder(
  folder: string,
  { raw }: { raw: boolean },
): Promise<DiffusersFolder> {
  const places = [...(raw ? [] : ['unet_ema']), 'unet', '.'];
  const config = await firstOf(places.map((place) => join(folder, place, 'config.json')));
  if (config === undefined)
    throw new Error(`${folder}: must hold config.json, at its root or in unet/`);
  const own = join(config, '..');
  const weights = await firstOf(weightNames.map((name) => join(own, name)));
  if (weights === undefined) throw new Error(`${folder}: must hold ${weightNames.join(' or ')}`);
  const schedulers = [
    join(folder, 'scheduler', 'scheduler_config.json'),
    join(folder, 'scheduler_config.json'),
    join(folder, '..', 'scheduler', 'scheduler_config.json'),
  ];
  const scheduler = await firstOf(schedulers);
  const example = '{"_class_name": "UNet2DModel"}';
  return {
    weights,
    config: await readObject(config, example),
    ...(scheduler !== undefined && { scheduler: await readObject(scheduler, example) }),
    averaged: own === join(folder, 'unet_ema'),
  };
}
