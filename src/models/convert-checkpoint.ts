import type { io } from '@tensorflow/tfjs';
import type { ByteInput } from './checkpoint/byte-source';
import type { ModelPresets, WeightDtype } from './model-metadata';

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
  dtype?: WeightDtype;
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
  options: ConvertOptions = {},
): Promise<io.ModelArtifacts> {
  // A chunk of its own: a page that restores never loads the readers of checkpoints.
  const { convertAdm } = await import('./conversion/convert-adm');
  return convertAdm(source, options);
}
