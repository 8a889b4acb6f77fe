import type { io } from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import { type ByteInput, byteSource } from '../checkpoint/byte-source';
import { readCheckpoint } from '../checkpoint/read-checkpoint';
import { takeWeights } from '../checkpoint/take-weights';
import type { ConvertLpipsOptions } from '../convert-lpips';
import type { WeightData } from '../graph/graph-builder';
import type { WeightSpec } from '../graph/weight-spec';
import { lpipsNets, smallestSize } from '../networks/lpips-nets';
import { perceptualNetwork } from '../networks/perceptual-network';
import { checkGraphSize, modelArtifacts } from './model-artifacts';

const owner = 'convertLpips';

/** Names of a backbone that features have no use for. */
const classifier = (name: string) => name.startsWith('classifier.');
const isHead = (name: string) => name.startsWith('lin');
const isFeature = (name: string) => name.startsWith('features.');

/** What `convertLpips` does once it is loaded. */
export async function convertPerceptual(
  backbone: ByteInput,
  { net, heads = backbone, dtype = 'float32', size = [256, 256] }: ConvertLpipsOptions,
): Promise<io.ModelArtifacts> {
  checkRange(lpipsNets.includes(net), owner, 'net', `one of ${lpipsNets.join(', ')}`, net);
  const least = smallestSize[net];
  checkGraphSize(owner, size, (side) => side >= least, `>= ${least}`);
  const network = perceptualNetwork(net);
  const take = async (
    input: ByteInput,
    what: string,
    specs: readonly WeightSpec[],
    spare: (name: string) => boolean,
  ): Promise<WeightData[]> => {
    const source = byteSource(input);
    const checkpoint = await readCheckpoint(source);
    const otherwise = `it is not the ${what} of ${net}`;
    return takeWeights({ owner, checkpoint, file: source.name, otherwise }, specs, spare);
  };
  const ofHeads = network.weights.filter(({ name }) => isHead(name));
  const ofBackbone = network.weights.filter(({ name }) => isFeature(name));
  const weights = [
    ...(await take(backbone, 'backbone', ofBackbone, (name) => classifier(name) || isHead(name))),
    ...(await take(heads, 'file of heads', ofHeads, (name) => classifier(name) || isFeature(name))),
  ];
  return modelArtifacts({
    owner,
    network,
    weights,
    inputs: { x: [...size, 3] },
    dtype,
    metadata: { architecture: 'lpips', settings: { net }, size },
  });
}
