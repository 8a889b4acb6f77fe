/**
 * What a JavaScript user would take instead for super-resolution: the ESRGAN models of UpscalerJS.
 * They are not installed with this repository:
 *
 *   npm install --no-save --legacy-peer-deps @upscalerjs/esrgan-slim @upscalerjs/esrgan-medium @upscalerjs/esrgan-thick
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { LayersModel, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** What these packages export. */
interface Definition {
  readonly setup?: (library: typeof tf) => void;
  readonly inputRange: readonly [number, number];
  readonly _internals: { readonly path: string };
}

/** Whether a name of `--samplers` is one of these models. */
export const isUpscaler = (name: string) => name.startsWith('esrgan-');

/** Loads `esrgan-slim` or another at this scale; it takes and gives images in [-1, 1]. */
export async function loadUpscaler(
  name: string,
  scale: number,
): Promise<(image: Tensor4D) => Tensor4D> {
  const require = createRequire(import.meta.url);
  const entry = require.resolve(`@upscalerjs/${name}/${scale}x`);
  const definition: Definition = require(entry);
  definition.setup?.(tf);
  const folder = entry.slice(0, entry.indexOf(name) + name.length);
  const model = await readModel(join(folder, definition._internals.path));
  const range = definition.inputRange[1] / 2;
  return (image) =>
    tf.tidy(() => {
      const images = model.predict(tf.mul(tf.add(image, 1), range)) as Tensor4D;
      return tf.sub(tf.div(images, range), 1);
    });
}

async function readModel(path: string): Promise<LayersModel> {
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(path, 'utf8'));
  const [{ weights: weightSpecs, paths }] = weightsManifest;
  const shards = await Promise.all(paths.map((p: string) => readFile(join(dirname(path), p))));
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
  return tf.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
}
