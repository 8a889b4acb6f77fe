import type { io } from '@tensorflow/tfjs';
import type { ByteInput } from './checkpoint/byte-source';
import type { WeightDtype } from './model-metadata';
import type { LpipsNet } from './networks/lpips-nets';

/** Options of `convertLpips`. */
export interface ConvertLpipsOptions {
  /** Whose features are compared: SqueezeNet 1.1, AlexNet or VGG-16. */
  net: LpipsNet;
  /**
   * LPIPS' own file of that network, version 0.1, as `squeeze.pth`.
   * @default the file of the backbone
   */
  heads?: ByteInput;
  /**
   * How convolution filters are stored; vectors stay float32.
   * @default 'float32'
   */
  dtype?: WeightDtype;
  /**
   * Height and width the plain graph is written for; `loadLpips` takes any other as well.
   * @default [256, 256]
   */
  size?: readonly [height: number, width: number];
}

/**
 * Turns torchvision's checkpoint of a backbone and LPIPS' file of heads (`.pth`, `.safetensors`) into
 * a TensorFlow.js graph model for `loadLpips`. Nothing in the files is executed.
 *
 * The graph makes a row of features of each image in [-1, 1]; the squared distance of two rows is
 * their LPIPS.
 *
 * @throws RangeError for another network's files, naming the keys.
 */
export async function convertLpips(
  backbone: ByteInput,
  options: ConvertLpipsOptions,
): Promise<io.ModelArtifacts> {
  const { convertPerceptual } = await import('./conversion/convert-perceptual');
  return convertPerceptual(backbone, options);
}
