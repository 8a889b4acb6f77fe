import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { convertCheckpoint } from 'spgd';
import { checkModelFolder, fileHandler, fileSource } from 'spgd/node';
import { blaming } from './exit-code';
import { fileUrl } from './model-source';

/** Options of `spgd convert`, as the command line gives them. */
export interface ConvertCommandOptions {
  readonly preset?: 'ffhq256' | 'imagenet256';
  readonly config?: string;
  readonly out: string;
  readonly dtype: 'float32' | 'float16';
  readonly size?: [number, number];
}

/** Reads the JSON file of guided-diffusion's keys. */
const readConfig = (path: string): Promise<Record<string, unknown>> =>
  blaming(path, async () => {
    try {
      const config: unknown = JSON.parse(await readFile(path, 'utf8'));
      if (typeof config === 'object' && config !== null && !Array.isArray(config))
        return config as Record<string, unknown>;
    } catch (error) {
      throw new Error(`${path}: cannot read the config: ${(error as Error).message}`);
    }
    throw new Error(`${path}: the config must be a JSON object such as {"image_size": 256}`);
  });

/** Converts a PyTorch checkpoint into a folder with a TensorFlow.js graph model. */
export async function convert(
  input: string,
  { preset, config, out, dtype, size }: ConvertCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const folder = resolve(out);
  await checkModelFolder(folder);
  const settings = config === undefined ? {} : { config: await readConfig(config) };
  const source = await fileSource(input);
  try {
    const artifacts = await blaming(input, () =>
      convertCheckpoint(source, { ...settings, preset, dtype, size }),
    );
    signal.throwIfAborted();
    const { modelArtifactsInfo } = await fileHandler(fileUrl(folder)).save(artifacts);
    const megabytes = ((modelArtifactsInfo.weightDataBytes ?? 0) / 1e6).toFixed(1);
    console.log(`wrote ${out}/model.json with ${megabytes} MB of weights`);
  } finally {
    await source.close();
  }
}
