import type { io } from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import { type ByteInput, byteSource } from '../checkpoint/byte-source';
import { readCheckpoint } from '../checkpoint/read-checkpoint';
import { takeWeights } from '../checkpoint/weights';
import type { WeightData } from '../graph/graph-builder';
import type { WeightSpec } from '../graph/weight-spec';
import type { WeightDtype } from '../model-metadata';
import { type LpipsNet, lpipsNets, smallestSize } from '../networks/lpips-nets';
import { perceptualNetwork } from '../networks/perceptual-network';
import { checkGraphSize, modelArtifacts } from './model-artifacts';

/** Options of `convertLpips`. */
export interface ConvertLpipsOptions {
  /** The network whose features are compared: SqueezeNet 1.1, AlexNet or VGG-16. */
  net: LpipsNet;
  /**
   * LPIPS' own file for that network, version 0.1, such as `squeeze.pth`.
   * @default the file of the backbone
   */
  heads?: ByteInput;
  /**
   * How convolution filters are stored; vectors stay float32.
   * @default 'float32'
   */
  dtype?: WeightDtype;
  /**
   * Height and width of the plain graph, in pixels; `loadLpips` takes any other as well.
   * @default [256, 256]
   */
  size?: readonly [height: number, width: number];
}

const owner = 'convertLpips';

/** Weights of a backbone that its features do not use. */
const classifier = (name: string) => name.startsWith('classifier.');
const isHead = (name: string) => name.startsWith('lin');
const isFeature = (name: string) => name.startsWith('features.');

/**
 * Turns torchvision's checkpoint of a backbone and LPIPS' file of heads (`.pth`, `.safetensors`) into
 * a TensorFlow.js graph model for `loadLpips`. Nothing in the files is executed.
 *
 * The graph maps each image in [-1, 1] to a row of features; the squared distance of two rows is
 * their LPIPS.
 *
 * @throws RangeError for another network's files, naming the keys.
 */
export async function convertLpips(
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
    metadata: { architecture: 'lpips', config: { net }, size },
  });
}
