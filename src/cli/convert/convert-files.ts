import { resolve } from 'node:path';
import type { io } from '@tensorflow/tfjs';
import type { LpipsNet, ModelMetadata, TaskSettings, WeightDtype } from 'spgd';
import { convertBlurNetwork, convertCheckpoint, convertLpips } from 'spgd/convert';
import { checkModelFolder, fileHandler, fileSource } from 'spgd/node';
import { blaming } from '../exit-code';
import { fileUrl } from '../model-source';
import { say } from '../one-line';
import { isFolder, readDiffusersFolder } from './diffusers-folder';
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

/** Opens the files, converts them, and writes the model; the folder is checked before the work. */
async function convertFiles(
  paths: readonly string[],
  out: string,
  signal: AbortSignal,
  make: (sources: readonly Source[]) => Promise<io.ModelArtifacts>,
): Promise<void> {
  const folder = resolve(out);
  await checkModelFolder(folder);
  const sources: Source[] = [];
  try {
    for (const path of paths) sources.push(await fileSource(path));
    const convertAll = () => make(sources);
    const artifacts = await paths.reduce((work, path) => () => blaming(path, work), convertAll)();
    signal.throwIfAborted();
    const { modelArtifactsInfo } = await fileHandler(fileUrl(folder)).save(artifacts);
    sayWeights(artifacts);
    const megabytes = ((modelArtifactsInfo.weightDataBytes ?? 0) / 1e6).toFixed(1);
    say(`wrote ${out}/model.json with ${megabytes} MB of weights`);
  } finally {
    for (const source of sources) await source.close();
  }
}

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

/** Converts a network of diffusers from a folder of the model hub's layout. */
async function convertFolder(
  input: string,
  { preset, config, settings, out, weights, ...options }: ConvertCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const given = preset ?? config;
  if (given !== undefined)
    throw new RangeError(`convert: a folder has its own config, got preset or config ${given}`);
  const raw = weights === 'raw';
  const found = await blaming(input, () => readDiffusersFolder(input, { raw }));
  const tuned = settings === undefined ? {} : { settings: await readSettings(settings) };
  if (found.averaged)
    say('took the averaged weights of unet_ema; --weights raw takes those of unet');
  const which = weights === undefined || raw || found.averaged ? {} : { weights };
  const { config: network, scheduler = {} } = found;
  await convertFiles([found.weights], out, signal, ([source]) =>
    convertCheckpoint(source!, { config: network, scheduler, ...tuned, ...which, ...options }),
  );
}

/** Converts a PyTorch checkpoint, or a folder of diffusers, into a TensorFlow.js graph model. */
export async function convert(
  input: string,
  { preset, config, settings, out, ...options }: ConvertCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  await checkModelFolder(resolve(out));
  if (await isFolder(input)) {
    await convertFolder(input, { preset, config, settings, out, ...options }, signal);
    return;
  }
  const described =
    config === undefined ? {} : { config: await blaming(config, () => readConfig(config)) };
  const tuned = settings === undefined ? {} : { settings: await readSettings(settings) };
  await convertFiles([input], out, signal, ([source]) =>
    convertCheckpoint(source!, { ...described, ...tuned, preset, ...options }),
  );
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
