import type { io } from '@tensorflow/tfjs';
import { type ByteInput, byteSource } from '../checkpoint/byte-source';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { readCheckpoint } from '../checkpoint/read-checkpoint';
import { takeWeights } from '../checkpoint/take-weights';
import type { ConvertBlurNetworkOptions } from '../convert-blur-network';
import { downFactor, type KernelWizardConfig, kernelChannels } from '../graph/kernel-codes';
import { kernelWizard } from '../networks/kernel-wizard';
import { checkGraphSize, modelArtifacts } from './model-artifacts';

const owner = 'convertBlurNetwork';
const otherwise = "it is no checkpoint of BKSE's KernelWizard";

/** The half of the network that finds a kernel code in two photos: blurring has no use for it. */
const extractor = (name: string) => name.startsWith('kernel_extractor.');

/** Its settings, from the names and shapes of the weights. */
function configOf({ tensors }: Checkpoint, file: string): KernelWizardConfig {
  const first = 'feature_extractor.0.weight';
  const shape = tensors.get(first)?.shape;
  if (shape?.length !== 4) throw new RangeError(`${owner}: ${file} lacks ${first}: ${otherwise}`);
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

/** What `convertBlurNetwork` does once it is loaded. */
export async function convertKernelWizard(
  source: ByteInput,
  { dtype = 'float32', size = [256, 256], name }: ConvertBlurNetworkOptions,
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
    metadata: { architecture: 'bkse', settings: { ...config }, size },
  });
}
