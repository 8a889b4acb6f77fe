import { fileError } from '../../internal/file-error';
import { jsonDepth } from '../../internal/json-depth';
import type { ByteSource } from '../checkpoint/byte-source';

/** Files by name: a folder, or a model of the hub. */
export interface FileTree {
  /** What errors call it. */
  readonly name: string;
  /** The paths of its files, with slashes. */
  readonly paths: ReadonlySet<string>;
  /** Opens one of them. */
  open(path: string): Promise<ByteSource>;
}

/** Which files of a tree make a model. */
export interface ModelFiles {
  readonly weights: string;
  readonly config?: string;
  readonly scheduler?: string;
  /** The folder of averaged weights that these are of. */
  readonly averaged?: string;
}

const averages = 'unet_ema';
const weightNames = [
  'diffusion_pytorch_model.safetensors',
  'diffusion_pytorch_model.bin',
  'diffusion_model.pt',
];
const checkpointName = /\.(safetensors|pt|pth|bin|ckpt|pkl)$/;
const schedulers = [
  'scheduler/scheduler_config.json',
  'scheduler_config.json',
  '../scheduler/scheduler_config.json',
];
const largestConfig = 1_000_000;
const deepestConfig = 16;
const mostNamed = 4;

/** A path beside another. */
const beside = (path: string, name: string): string =>
  [...path.split('/').slice(0, -1), name].join('/');

/** The checkpoint that was named, or the only one there is. */
function checkpointOf({ name, paths }: FileTree, file: string | undefined): string {
  if (file !== undefined) {
    if (paths.has(file)) return file;
    throw fileError({ name }, `holds no file ${file}`);
  }
  const found = [...paths].filter((path) => checkpointName.test(path));
  if (found.length === 1) return found[0]!;
  const layout =
    'config.json and diffusion_pytorch_model.safetensors or .bin, at its root or in unet/';
  if (found.length === 0) throw fileError({ name }, `must hold ${layout}, or one checkpoint`);
  const more = found.length > mostNamed ? ', …' : '';
  const list = found.slice(0, mostNamed).join(', ');
  throw fileError({ name }, `holds several checkpoints: name one by file: ${list}${more}`);
}

/**
 * Finds config, weights and scheduler of diffusers: at the root, or in `unet/` and `scheduler/`;
 * averages of the weights are in `unet_ema/`. Without them it takes the checkpoint that is named, or
 * the only one. Throws an Error that names the tree and what it lacks.
 */
export function findModelFiles(
  tree: FileTree,
  { raw, file }: { raw: boolean; file?: string | undefined },
): ModelFiles {
  const { paths } = tree;
  const places = [...(raw ? [] : [`${averages}/`]), 'unet/', ''];
  const configs = file === undefined ? places.map((place) => `${place}config.json`) : [];
  const pairs = configs
    .filter((config) => paths.has(config))
    .flatMap((config) => weightNames.map((name) => ({ config, weights: beside(config, name) })));
  const pair = pairs.find(({ weights }) => paths.has(weights));
  if (!pair) {
    const weights = checkpointOf(tree, file);
    const config = beside(weights, 'config.json');
    return { weights, ...(paths.has(config) && { config }) };
  }
  const scheduler = schedulers.find((path) => paths.has(path));
  const averaged = pair.config.startsWith(`${averages}/`) ? averages : undefined;
  return { ...pair, ...(scheduler && { scheduler }), ...(averaged && { averaged }) };
}

/** Reads a small JSON file that holds an object. */
export async function readJsonObject(
  tree: FileTree,
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const source = await tree.open(path);
  const refuse = (rule: string) => fileError(source, rule);
  if (source.size > largestConfig)
    throw refuse(`must have at most ${largestConfig} bytes, got ${source.size}`);
  const text = new TextDecoder().decode(await source.read(0, source.size));
  if (jsonDepth(text) > deepestConfig) throw refuse(`must be at most ${deepestConfig} levels deep`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw refuse('must hold an object');
}
