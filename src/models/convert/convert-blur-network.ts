import type { io } from '@tensorflow/tfjs';
import { nameOf } from '../../internal/file-error';
import { type ByteInput, byteSource } from '../checkpoint/byte-source';
import type { TensorFile } from '../checkpoint/checkpoint';
import { readCheckpoint } from '../checkpoint/read-checkpoint';
import { takeWeights } from '../checkpoint/weights';
import { downFactor, type KernelWizardConfig, kernelChannels } from '../graph/kernel-codes';
import type { WeightDtype } from '../model-metadata';
import { kernelWizard } from '../networks/kernel-wizard';
import { checkGraphSize, modelArtifacts } from './model-artifacts';

/** Options of `convertBlurNetwork`. */
export interface ConvertBlurNetworkOptions {
  /**
   * How convolution filters are stored; vectors stay float32.
   * @default 'float32'
   */
  dtype?: WeightDtype;
  /**
   * Height and width of the plain graph, in pixels, multiples of 128; `loadBlurNetwork` takes any
   * other as well.
   * @default [256, 256]
   */
  size?: readonly [height: number, width: number];
  /**
   * What errors call the file.
   * @default the name of the File or source, else `checkpoint`
   */
  name?: string;
}

const owner = 'convertBlurNetwork';
const otherwise = "it is no checkpoint of BKSE's KernelWizard";

/** The half of the network that estimates a kernel code from two photos: blurring does not use it. */
const extractor = (name: string) => name.startsWith('kernel_extractor.');

/** Its config, from the names and shapes of the weights. */
function configOf({ tensors }: TensorFile, file: string): KernelWizardConfig {
  const first = 'feature_extractor.0.weight';
  const shape = tensors.get(first)?.shape;
  if (shape?.length !== 4)
    throw new RangeError(`${owner}: ${nameOf({ name: file })}: ${otherwise}: it lacks ${first}`);
  const blocks = (part: string) =>
    [...tensors.keys()].filter((name) => name.startsWith(part) && name.endsWith('.conv1.weight'))
      .length;
  return {
    input_nc: shape[1]!,
    nf: shape[0]!,
    front_RBs: blocks('feature_extractor.'),
    back_RBs: blocks('recon_trunk.'),
  };
}

/**
 * Turns a checkpoint of BKSE's KernelWizard (`GOPRO_wVAE.pth`) into a TensorFlow.js graph model
 * `F(x, kernel)` for `loadBlurNetwork`. Nothing in the file is executed.
 *
 * @throws RangeError for another network's file, naming the keys.
 */
export async function convertBlurNetwork(
  source: ByteInput,
  { dtype = 'float32', size = [256, 256], name }: ConvertBlurNetworkOptions = {},
): Promise<io.ModelArtifacts> {
  const multiple = (side: number) => side > 0 && side % downFactor === 0;
  checkGraphSize(owner, size, multiple, `that divide by ${downFactor}`);
  const bytes = byteSource(source, name);
  const checkpoint = await readCheckpoint(bytes);
  const config = configOf(checkpoint, bytes.name);
  const network = kernelWizard(config);
  const from = { owner, checkpoint, file: bytes.name, otherwise };
  const codes = size.map((side) => side / downFactor);
  return modelArtifacts({
    owner,
    network,
    weights: await takeWeights(from, network.weights, extractor),
    inputs: { x: [...size, config.input_nc], kernel: [...codes, kernelChannels(config)] },
    dtype,
    metadata: { architecture: 'bkse', config: { ...config }, size },
  });
}
