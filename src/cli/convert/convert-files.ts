import { resolve } from 'node:path';
import type { io } from '@tensorflow/tfjs';
import type { LpipsNet, ModelMetadata, TaskSettings, WeightDtype } from 'spgd';
import {
  type ConvertTreeOptions,
  convertBlurNetwork,
  convertCheckpoint,
  convertLpips,
  convertTree,
  hubHandler,
} from 'spgd/convert';
import { checkModelFolder, fileHandler, fileSource, hubSettings } from 'spgd/node';
import { blaming } from '../exit-code';
import { fileUrl } from '../model-source';
import { say } from '../one-line';
import { showDownload } from './download-progress';
import { folderTree, isFolder } from './folder-tree';
import { readConfig, readObject } from './read-config';

/** Options of every kind of conversion, as the command line gives them. */
interface CommonOptions {
  readonly out: string;
  readonly dtype: WeightDtype;
  readonly size?: [number, number];
}

/** Options of `spgd convert`. */
export interface ConvertCommandOptions extends CommonOptions {
  readonly preset?: 'ffhq256' | 'imagenet256';
  readonly config?: string;
  readonly file?: string;
  readonly weights?: string;
  readonly settings?: string;
}

/** Options of `spgd convert lpips`. */
export interface ConvertLpipsCommandOptions extends CommonOptions {
  readonly net: LpipsNet;
  readonly backbone: string;
  readonly heads?: string;
}

/** Options of `spgd convert bkse`. */
export type ConvertBkseCommandOptions = CommonOptions;

type Source = Awaited<ReturnType<typeof fileSource>>;

/** Makes a model and writes it; the folder is checked before the work. */
async function writeModel(
  out: string,
  signal: AbortSignal,
  make: () => Promise<io.ModelArtifacts>,
): Promise<void> {
  const folder = resolve(out);
  await checkModelFolder(folder);
  const artifacts = await make();
  signal.throwIfAborted();
  const { modelArtifactsInfo } = await fileHandler(fileUrl(folder)).save(artifacts);
  sayWeights(artifacts);
  const megabytes = ((modelArtifactsInfo.weightDataBytes ?? 0) / 1e6).toFixed(1);
  say(`wrote ${out}/model.json with ${megabytes} MB of weights`);
}

/** Opens the files and converts them. */
const convertFiles = (
  paths: readonly string[],
  out: string,
  signal: AbortSignal,
  make: (sources: readonly Source[]) => Promise<io.ModelArtifacts>,
): Promise<void> =>
  writeModel(out, signal, async () => {
    const sources: Source[] = [];
    try {
      for (const path of paths) sources.push(await fileSource(path));
      const convertAll = () => make(sources);
      return await paths.reduce((work, path) => () => blaming(path, work), convertAll)();
    } finally {
      for (const source of sources) await source.close();
    }
  });

/** Settings by task and sampler; `convertCheckpoint` checks them. */
const readSettings = (path: string): Promise<TaskSettings> =>
  blaming(path, async () => {
    const example = '{"hdr": {"spgd": {"steps": 20}}}';
    return (await readObject(path, example)) as TaskSettings;
  });

/** Says which weights of a checkpoint were taken, where it holds several sets or under a key. */
function sayWeights({ userDefinedMetadata }: io.ModelArtifacts): void {
  const { weights } = (userDefinedMetadata as { spgd: Partial<ModelMetadata> }).spgd;
  if (!weights) return;
  const kind = weights.averaged ? 'averaged weights' : 'weights';
  const other = weights.averaged ? '; --weights raw takes those of the last step' : '';
  say(`took the ${kind} under ${JSON.stringify(weights.key)}${other}`);
}

/** Says where a model came from. */
function sayOrigin({ userDefinedMetadata }: io.ModelArtifacts): void {
  const { origin, license } = (userDefinedMetadata as { spgd: Partial<ModelMetadata> }).spgd;
  if (!origin) return;
  const terms =
    license === undefined ? 'no licence is stated' : `its licence is stated as ${license}`;
  say(`fetched ${origin.name}/${origin.file} at ${origin.revision}; ${terms}`);
}

/** Converts a model of the hub. */
const convertHub = (
  name: string,
  { out, ...options }: ConvertTreeOptions & { readonly out: string },
  signal: AbortSignal,
): Promise<void> =>
  writeModel(out, signal, async () => {
    const progress = showDownload(process.stderr, signal);
    const { report: onProgress } = progress;
    try {
      const settings = { ...hubSettings(), onProgress, signal };
      const artifacts = await hubHandler(name, { ...settings, ...options }).load();
      progress.stop();
      sayOrigin(artifacts);
      return artifacts;
    } finally {
      progress.stop();
    }
  });

/** Converts a model in a folder, as diffusers lays it out. */
const convertFolder = (
  folder: string,
  { out, ...options }: ConvertTreeOptions & { readonly out: string },
  signal: AbortSignal,
): Promise<void> =>
  writeModel(out, signal, async () => {
    const { tree, close } = await folderTree(folder);
    try {
      return await convertTree(tree, options);
    } finally {
      await close();
    }
  });

/**
 * Converts a PyTorch checkpoint, a folder of diffusers, or a model of the hub, into a TensorFlow.js
 * graph model.
 */
export async function convert(
  input: string,
  { config, settings, file, ...given }: ConvertCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  await checkModelFolder(resolve(given.out));
  const options = {
    ...given,
    ...(config !== undefined && { config: await blaming(config, () => readConfig(config)) }),
    ...(settings !== undefined && { settings: await readSettings(settings) }),
  };
  const chosen = file === undefined ? {} : { file };
  if (input.startsWith('hf:')) return convertHub(input, { ...options, ...chosen }, signal);
  if (await isFolder(input)) return convertFolder(input, { ...options, ...chosen }, signal);
  if (file !== undefined)
    throw new RangeError(`convert: --file must be left out for a file, got ${file}`);
  const { out, ...conversion } = options;
  return convertFiles([input], out, signal, ([source]) => convertCheckpoint(source!, conversion));
}

/** Converts a backbone of torchvision and the heads of LPIPS. */
export const convertLpipsFiles = (
  { backbone, heads, out, ...options }: ConvertLpipsCommandOptions,
  signal: AbortSignal,
): Promise<void> =>
  convertFiles(heads === undefined ? [backbone] : [backbone, heads], out, signal, ([one, other]) =>
    convertLpips(one!, { ...options, ...(other ? { heads: other } : {}) }),
  );

/** Converts the network of the nonlinear blur. */
export const convertBkseFile = (
  input: string,
  { out, ...options }: ConvertBkseCommandOptions,
  signal: AbortSignal,
): Promise<void> =>
  convertFiles([input], out, signal, ([source]) => convertBlurNetwork(source!, options));
