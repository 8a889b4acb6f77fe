import type { io } from '@tensorflow/tfjs';
import { checkPresets } from './check-presets';
import { type ByteInput, byteSource } from './checkpoint/byte-source';
import { readCheckpoint } from './checkpoint/read-checkpoint';
import { takeWeights } from './checkpoint/take-weights';
import { chooseSettings } from './choose-settings';
import { parseAdmSettings } from './graph/adm-config';
import { admUnet } from './graph/adm-unet';
import { checkGraphSize, modelArtifacts } from './model-artifacts';
import type { ModelMetadata, ModelPresets } from './model-metadata';

/** Options of `convertCheckpoint`. */
export interface ConvertOptions {
  /** The name of a network whose settings are known. */
  preset?: 'ffhq256' | 'imagenet256';
  /**
   * Settings in guided-diffusion's own keys (`image_size`, `num_channels`, `channel_mult`, …).
   * Without preset and config they are taken from the metadata of a safetensors file.
   */
  config?: Readonly<Record<string, unknown>>;
  /**
   * How convolution filters and matrices are stored; vectors stay float32.
   * @default 'float32'
   */
  dtype?: 'float32' | 'float16';
  /**
   * Height and width the plain graph is written for; `loadDenoiser` takes any other as well.
   * @default the image size of the settings
   */
  size?: readonly [height: number, width: number];
  /** Settings of runs that were tuned for this model; the `spgd` command applies them. */
  presets?: ModelPresets;
  /** What errors call the file. */
  name?: string;
}

const owner = 'convertCheckpoint';
const otherwise = 'the settings are of another network';

/**
 * Turns a PyTorch checkpoint (`.pt`, `.pth`, `.safetensors`) of an ADM / guided-diffusion U-Net
 * into a TensorFlow.js graph model `F(x, t)`. Nothing in the file is executed.
 *
 * The artifacts can go to any `tf.io` save handler; `tf.loadGraphModel` runs them as they are.
 *
 * @throws RangeError where settings and checkpoint do not fit, naming the key.
 */
export async function convertCheckpoint(
  source: ByteInput,
  { preset, config, dtype = 'float32', size, presets, name }: ConvertOptions = {},
): Promise<io.ModelArtifacts> {
  if (presets !== undefined) checkPresets(owner, presets);
  const bytes = byteSource(source, name);
  const checkpoint = await readCheckpoint(bytes);
  const settings = chooseSettings(checkpoint, bytes.name, { preset, config });
  const { imageSize, inChannels, classes, ...rest } = parseAdmSettings(settings.network);
  const network = admUnet({ imageSize, inChannels, classes, ...rest });
  const { multipleOf, outChannels } = network;
  const target = size ?? [imageSize, imageSize];
  const divides = (side: number) => side > 0 && side % multipleOf === 0;
  checkGraphSize(owner, target, divides, `that divide by ${multipleOf}`);
  const from = { owner, checkpoint, file: bytes.name, otherwise };
  return modelArtifacts<ModelMetadata>({
    owner,
    network,
    weights: await takeWeights(from, network.weights),
    inputs: { x: [...target, inChannels], t: [], ...(classes > 0 ? { label: [] } : {}) },
    dtype,
    metadata: {
      architecture: 'adm',
      settings: settings.network as ModelMetadata['settings'],
      size: target,
      inChannels,
      outChannels,
      multipleOf,
      classes,
      preconditioning: settings.preconditioning,
      ...(presets && { presets }),
    },
  });
}
