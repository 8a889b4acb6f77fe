import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { convertCheckpoint, type ModelPresets } from 'spgd';
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
  readonly presets?: string;
}

const configExample = '{"image_size": 256}';
const presetsExample = '{"hdr": {"spgd": {"steps": 20}}}';

/** Reads a JSON file that holds one object, such as `example`. */
const readObject = (path: string, example: string): Promise<Record<string, unknown>> =>
  blaming(path, async () => {
    try {
      const config: unknown = JSON.parse(await readFile(path, 'utf8'));
      if (typeof config === 'object' && config !== null && !Array.isArray(config))
        return config as Record<string, unknown>;
    } catch (error) {
      throw new Error(`${path}: cannot be read: ${(error as Error).message}`);
    }
    throw new Error(`${path}: must be a JSON object such as ${example}`);
  });

/** Converts a PyTorch checkpoint into a folder with a TensorFlow.js graph model. */
export async function convert(
  input: string,
  { preset, config, out, dtype, size, presets }: ConvertCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const folder = resolve(out);
  await checkModelFolder(folder);
  const settings = config === undefined ? {} : { config: await readObject(config, configExample) };
  const tuned =
    presets === undefined
      ? {}
      : { presets: (await readObject(presets, presetsExample)) as ModelPresets };
  const source = await fileSource(input);
  try {
    const artifacts = await blaming(input, () =>
      convertCheckpoint(source, { ...settings, ...tuned, preset, dtype, size }),
    );
    signal.throwIfAborted();
    const { modelArtifactsInfo } = await fileHandler(fileUrl(folder)).save(artifacts);
    const megabytes = ((modelArtifactsInfo.weightDataBytes ?? 0) / 1e6).toFixed(1);
    console.log(`wrote ${out}/model.json with ${megabytes} MB of weights`);
  } finally {
    await source.close();
  }
}
