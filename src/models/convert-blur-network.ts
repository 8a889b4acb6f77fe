import type { io } from '@tensorflow/tfjs';
import type { ByteInput } from './checkpoint/byte-source';
import type { WeightDtype } from './model-metadata';

/** Options of `convertBlurNetwork`. */
export interface ConvertBlurNetworkOptions {
  /**
   * How convolution filters are stored; vectors stay float32.
   * @default 'float32'
   */
  dtype?: WeightDtype;
  /**
   * Height and width the plain graph is written for, multiples of 128; `loadBlurNetwork` takes any
   * other as well.
   * @default [256, 256]
   */
  size?: readonly [height: number, width: number];
  /** What errors call the file. */
  name?: string;
}

/**
 * Turns a checkpoint of BKSE's KernelWizard (`GOPRO_wVAE.pth`) into a TensorFlow.js graph model
 * `F(x, kernel)` for `loadBlurNetwork`. Nothing in the file is executed.
 *
 * @throws RangeError for another network's file, naming the keys.
 */
export async function convertBlurNetwork(
  source: ByteInput,
  options: ConvertBlurNetworkOptions = {},
): Promise<io.ModelArtifacts> {
  const { convertKernelWizard } = await import('./conversion/convert-kernel-wizard');
  return convertKernelWizard(source, options);
}
