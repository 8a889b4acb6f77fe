import type { io } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import type { Denoiser } from './denoiser';
import { graphModelNetwork } from './graph/graph-model-network';
import type { Precision } from './graph/op';
import { programNetwork } from './graph/program-network';
import type { ModelMetadata } from './model-metadata';
import type { Network } from './network';
import { preconditioned } from './preconditioned';
import type { ProgramOptions } from './program-of';
import { readModel, type StoredModel } from './read-model';

/** Options of `loadDenoiser`. */
export interface LoadDenoiserOptions {
  /**
   * Makes the denoiser of the network, e.g. `(network) => ddpmDenoiser(network)`. Required for a
   * model whose metadata names no preconditioning; for others it replaces theirs.
   */
  precondition?: (network: Network) => Denoiser;
  /**
   * The class to draw from, where the model is conditioned on classes: an integer >= 0 for all items, or
   * a list with one for each item of a batch.
   */
  classLabel?: number | readonly number[];
  /**
   * Bytes of activations that `linearize` keeps for the gradient of a batch, or of a group of tiles;
   * blocks of the network past it are recomputed in the backward pass. 0 keeps the least, and
   * recomputes the whole forward pass.
   * @default as much as half of the memory that is left when the gradient is taken
   */
  memoryBudget?: number;
  /**
   * The numbers that convolutions compute in. `'bfloat16'` needs native TensorFlow; it is faster on a
   * processor with instructions for it and slower on others, with a relative error of
   * about 1e-2. `'auto'` times a few convolutions and takes the faster.
   * @default 'float32'
   */
  precision?: Precision | 'auto';
  /** Called during the download with its fraction, from 0 to 1, where the source reports it. */
  onProgress?: (fraction: number) => void;
}

/** A denoiser from a model file; `dispose` frees its weights. */
export interface LoadedDenoiser extends Denoiser {
  /** The metadata of the model; null for a model that this library did not write. */
  readonly metadata: ModelMetadata | null;
  dispose(): void;
}

const owner = 'loadDenoiser';

/**
 * Loads a TensorFlow.js graph model `(x, t) -> F` as a denoiser.
 *
 * `source` is the address of a `model.json` (`https://…`; `file://…` after `useBackend` of
 * `spgd/node`), the name of a model of the Hugging Face hub (`hf:owner/name`, which is fetched and
 * converted), or any `tf.io` handler. A model that stores its program (a list of layers, of
 * whatever architecture, as `convertCheckpoint` writes it) runs at every size that divides by its
 * `multipleOf`, with a `linearize` of its own. Any other graph model of that signature runs as
 * TensorFlow.js runs it, and needs `precondition`.
 *
 * @throws TypeError where neither the model nor `precondition` says how to denoise with the network;
 * Error for a program that cannot run, naming the layer.
 */
export async function loadDenoiser(
  source: string | io.IOHandler,
  options: LoadDenoiserOptions = {},
): Promise<LoadedDenoiser> {
  const model = await readModel(owner, source, options.onProgress);
  const metadata = model.metadata as ModelMetadata | null;
  const { precondition } = options;
  if (!metadata?.preconditioning && !precondition) {
    const which = typeof source === 'string' ? source : 'the model';
    throw new TypeError(
      `${owner}: precondition must be given: ${which} does not say how it was trained to denoise`,
    );
  }
  const network = metadata
    ? await storedNetwork(model, metadata, options)
    : await foreignNetwork(model, options);
  try {
    const denoiser = precondition ? precondition(network) : preconditioned(network, metadata!);
    const dispose = () => {
      denoiser.dispose?.();
      network.dispose?.();
    };
    return { ...denoiser, metadata, dispose };
  } catch (error) {
    network.dispose?.();
    throw error;
  }
}

/** Any other graph model, run as TensorFlow.js runs it. */
async function foreignNetwork(
  { artifacts, name }: StoredModel,
  { classLabel }: LoadDenoiserOptions,
): Promise<Network> {
  checkClassLabel(classLabel, 0);
  const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  try {
    return graphModelNetwork(model, name);
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function checkClassLabel(classLabel: LoadDenoiserOptions['classLabel'], classes: number): void {
  if (classes === 0) {
    const rule = 'left out for a model that is not conditioned on classes';
    checkRange(classLabel === undefined, owner, 'classLabel', rule, classLabel);
    return;
  }
  const labels = [classLabel].flat();
  const isLabel = (label = -1) => Number.isInteger(label) && label >= 0 && label < classes;
  const valid = labels.length > 0 && labels.every(isLabel);
  checkRange(valid, owner, 'classLabel', `an integer from 0 to ${classes - 1}`, classLabel);
}

/** A network that stores its program, whatever its architecture. */
async function storedNetwork(
  model: StoredModel,
  metadata: ModelMetadata,
  { classLabel, memoryBudget, precision }: LoadDenoiserOptions,
): Promise<Network> {
  const { checkModelMetadata } = await import('./check-metadata');
  checkModelMetadata(model.name, metadata);
  const { inChannels, multipleOf, classes } = metadata;
  checkClassLabel(classLabel, classes);
  const inputs: ProgramOptions['inputs'] = {
    x: 'image',
    t: 'time',
    ...(classes > 0 ? { label: 'label' } : {}),
  };
  const { programOf } = await import('./program-of');
  const run = programOf(model, { owner, inputs, output: 'image', memoryBudget, precision });
  return programNetwork(run, {
    inChannels,
    multipleOf,
    ...(classes > 0 ? { classLabel: classLabel! } : {}),
  });
}
