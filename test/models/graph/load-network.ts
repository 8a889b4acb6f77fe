import * as tf from '@tensorflow/tfjs';
import { type LoadDenoiserOptions, loadDenoiser, type Network, vpDenoiser } from 'spgd';

/** A network that has a gradient of its own. */
export type OwnNetwork = Network & Required<Pick<Network, 'linearize' | 'dispose'>>;

/** The network that `loadDenoiser` wraps; the caller disposes it. */
export async function loadNetwork(
  artifacts: tf.io.ModelArtifacts,
  options: Omit<LoadDenoiserOptions, 'precondition'> = {},
): Promise<OwnNetwork> {
  let found: Network | undefined;
  const precondition = (network: Network) => {
    found = network;
    return vpDenoiser(network);
  };
  await loadDenoiser(tf.io.fromMemory(artifacts), { ...options, precondition });
  if (!found?.linearize) throw new Error('the network has no gradient of its own');
  return found as OwnNetwork;
}

/**
 * How far the output of a plain graph may lie from that of its program: on WebGPU, whose sines may be wrong
 * by 5e-4, the graph has those.
 */
export const plainLimit = (otherwise: number): number =>
  tf.getBackend() === 'webgpu' ? 1e-3 : otherwise;

/** The output of the saved graph as TensorFlow.js itself runs it. */
export async function runPlainGraph(
  artifacts: tf.io.ModelArtifacts,
  inputs: tf.NamedTensorMap,
): Promise<Float32Array> {
  const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  const output = model.execute(inputs) as tf.Tensor;
  const values = await output.data<'float32'>();
  output.dispose();
  model.dispose();
  return values;
}
